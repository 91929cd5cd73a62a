"""Raw, moving average and the daemon's own smoother on the same playlists."""

from __future__ import annotations

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


def compare(
    heard: Sequence[Heard],
    labels: Sequence[str],
    calibration: Calibration,
    average_lengths: Sequence[int],
) -> list[Streaming]:
    """Return the figures of each smoother, ours last: always naming, and as shipped.

    Parameters
    ----------
    average_lengths : sequence of int
        Of the moving averages, in predictions.
    """

    def said_by_average(length: int) -> Callable[[Heard], list[str]]:
        return lambda one: moving_average(one.predictions, labels, length)

    def said_by_ours(threshold: float) -> Callable[[Heard], list[str]]:
        settings = SmoothingSettings(filter=calibration.filter, threshold=threshold)
        return lambda one: ours(one, labels, settings).words

    smoothers: dict[str, Callable[[Heard], list[str]]] = {
        "raw": said_by_average(1),
        **{f"moving average of {n}": said_by_average(n) for n in average_lengths},
        "ours, always named": said_by_ours(0.0),
        "ours, or unknown": said_by_ours(calibration.threshold),
    }
    return [
        figures(
            name,
            [score(one.spans, one.times_s, say(one), labels) for one in heard],
        )
        for name, say in smoothers.items()
    ]


def as_text(found: Sequence[Streaming]) -> str:
    """Write the figures as a table for people; intervals are 95 %."""
    head = f"{'':22}{'accuracy':21}{'wrong switches/h':19}{'median s':16}"
    lines = [head + f"{'90 % s':16}{'never':>6}{'named':>7}{'wrong':>7}"]
    for one in found:
        cells = [
            f"{one.smoother:22}",
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
