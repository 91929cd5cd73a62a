"""Raw, moving average and the daemon's own smoother on the same playlists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.smoothing import SmoothingSettings
from genre_train.streaming.figures import Figure, Streaming, figures
from genre_train.streaming.score import HELD_S, score
from genre_train.streaming.smoothers import moving_average, ours

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from genre_daemon.inference.bundle import Calibration
    from genre_train.streaming.hearing import Heard
    from genre_train.streaming.reliability import Judged

    _Say = Callable[["Part", Heard], list[str]]


@dataclass(frozen=True)
class Part:
    """Playlists, and the numbers that smoothers go by in them."""

    heard: Sequence[Heard]
    calibration: Calibration
    average_lengths: tuple[int, ...]
    """Of the moving averages to compare with, in predictions."""


def compare(parts: Sequence[Part], labels: Sequence[str]) -> list[Streaming]:
    """Return the figures of each smoother, ours last: always naming, and as shipped.

    Parameters
    ----------
    parts : sequence of Part
        With as many moving averages each; the figures are those of all together.
    """

    def of_average(place: int) -> _Say:
        return lambda part, one: moving_average(
            one.predictions, labels, part.average_lengths[place]
        )

    def of_ours(part: Part, one: Heard, threshold: float) -> list[str]:
        settings = SmoothingSettings(
            filter=part.calibration.filter, threshold=threshold
        )
        return ours(one, labels, settings).words

    averages = zip(*(part.average_lengths for part in parts), strict=True)
    smoothers: dict[str, _Say] = {
        "raw": lambda _, one: moving_average(one.predictions, labels, 1),
        **{
            f"moving average of {_in_words(lengths)}": of_average(place)
            for place, lengths in enumerate(averages)
        },
        "ours, always named": lambda part, one: of_ours(part, one, 0.0),
        "ours, or unknown": lambda part, one: of_ours(
            part, one, part.calibration.threshold
        ),
    }
    return [
        figures(
            name,
            [
                score(one.spans, one.times_s, say(part, one), labels)
                for part in parts
                for one in part.heard
            ],
        )
        for name, say in smoothers.items()
    ]


def _in_words(lengths: Sequence[int]) -> str:
    least, most = min(lengths), max(lengths)
    return f"{least}" if least == most else f"{least} to {most}"


def as_text(found: Sequence[Streaming]) -> str:
    """Write the figures as a table for people; intervals are 95 %."""
    head = f"{'':26}{'accuracy':21}{'wrong switches/h':19}{'median s':16}"
    lines = [head + f"{'90 % s':16}{'never':>6}{'named':>7}{'wrong':>7}"]
    for one in found:
        cells = [
            f"{one.smoother:26}",
            f"{_range(one.accuracy, 3):21}",
            f"{_range(one.wrong_switches, 0):19}",
            f"{_range(one.median_s, 1):16}",
            f"{_range(one.p90_s, 1):16}",
            f"{one.never.value:6.0%}",
            f"{one.coverage.value:7.0%}",
            f"{one.risk.value:7.0%}",
        ]
        lines.append("".join(cells))
    touched = ", ".join(f"{one.touched_s:.1f}" for one in found)
    return "\n".join(
        [
            *lines,
            "",
            f"median and 90 % s: seconds to the right genre, held for {HELD_S:g} s;",
            "never: share of the songs whose genre was not found",
            f"median s, however briefly: {touched}",
            "named: share of the music that is not 'unknown'; wrong: share of that",
        ]
    )


def reliability_text(reliability: Mapping[str, Judged]) -> str:
    """Write how often each confidence is right."""
    lines = []
    for name, judged in reliability.items():
        lines.append(f"confidence of {name}: error {judged.calibration_error():.3f}")
        lines += [
            f"  said {one['confidence']:4.0%}  right {one['right']:4.0%}  n={one['n']}"
            for one in judged.bins()
        ]
        risks = "  ".join(f"{c:.0%}: {risk:.1%}" for c, risk in judged.risk_coverage())
        lines.append(f"  wrong among the surest  {risks}")
    return "\n".join(lines)


def _range(figure: Figure, digits: int) -> str:
    """Write a figure and its interval; a dash stands for never."""
    value, low, high = (
        f"{number:.{digits}f}" if np.isfinite(number) else "-"
        for number in (figure.value, figure.low, figure.high)
    )
    return f"{value} ({low} to {high})"


def as_json(found: Sequence[Streaming]) -> list[dict[str, Any]]:
    """Return the figures as JSON objects."""
    return [
        {
            name: value.to_json() if isinstance(value, Figure) else value
            for name, value in vars(one).items()
        }
        for one in found
    ]
