"""The parts of a model card, read from a bundle's description.

A description is data that somebody wrote: what has not the expected form is left out
here, and still is in ``genre-daemon model --json``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from genre_daemon.messages import NO_MUSIC

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from genre_daemon.inference.bundle import Bundle, BundleInfo

    Row = tuple[str, ...]

_LONGEST = 300
_CONFUSIONS = 8
_SHARE_HEAD = ("", "share", "95 % interval", "n")
_KINDS = {
    "speech": "speech called no_music",
    "environment": "environmental sound called no_music",
    "music": "music programmes called no_music",
    "free_music": "free music called no_music",
    "clips": "GTZAN clips called no_music",
}


@dataclass(frozen=True)
class Section:
    """A title, a table, and sentences."""

    title: str
    rows: tuple[Row, ...] = ()
    head: Row = ()
    text: tuple[str, ...] = ()


def sections(bundle: Bundle) -> list[Section]:
    """Return the parts that the description has something for."""
    info, metrics = bundle.info, bundle.info.metrics
    readers: list[Callable[[], Section]] = [
        lambda: _what_it_is(info, len(bundle.flatbuffer)),
        lambda: _accuracy(metrics),
        lambda: _recall(metrics),
        lambda: _confusions(metrics, info.labels),
        lambda: _confidence(metrics["calibration"]),
        lambda: _conditions(metrics["conditions"]),
        lambda: _made_from(info.provenance),
        lambda: _limits(info.provenance),
    ]
    found = []
    for read in readers:
        try:
            section = read()
        except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError):
            continue
        if section.rows or section.text:
            found.append(section)
    return found


def _what_it_is(info: BundleInfo, size: int) -> Section:
    spec, calibration = info.spec, info.calibration
    chunk_s = spec.chunk_frames * spec.hop_length / spec.sample_rate
    cut = f", in {spec.n_chunks} chunks of {chunk_s:.1f} s" if spec.n_chunks > 1 else ""
    hears = (
        f"{spec.patch_s:.1f} s every {spec.hop_s:g} s{cut}: {spec.n_mels} mel bands, "
        f"{spec.fmin:g} to {spec.fmax:g} Hz, at {spec.sample_rate} Hz"
    )
    says = (
        f"'unknown' under {calibration.threshold:.0%} confidence "
        f"(temperature {calibration.temperature:.2f})"
    )
    rows = [
        ("names", ", ".join(info.labels)),
        ("hears", hears),
        ("says", says),
        ("file", f"{size / 1e3:.0f} kB, int8"),
    ]
    if NO_MUSIC not in info.labels:
        told = "no class for it: only the level and 'unknown' keep speech from a genre"
        rows.append(("no music", told))
    return Section("What it is", tuple(rows))


def _accuracy(metrics: dict[str, Any]) -> Section:
    rows = [
        ("named rightly, int8", *_share(metrics["window_accuracy"]["int8"])),
        (
            "named rightly, before rounding",
            *_share(metrics["window_accuracy"]["float"]),
        ),
        ("the two name the same", *_share(metrics["same_top1"])),
    ]
    text = (f"on: {_plain(metrics['on'])}",)
    return Section("How good it is", tuple(rows), _SHARE_HEAD, text)


def _recall(metrics: dict[str, Any]) -> Section:
    rows = [(_plain(k), f"{v:.2f}") for k, v in metrics["recall"].items()]
    return Section("Recall of each genre", tuple(rows), ("genre", "named rightly"))


def _confusions(metrics: dict[str, Any], labels: tuple[str, ...]) -> Section:
    """List what is taken for something else most often, beginning with the worst."""
    cells = []
    for truth, counts in zip(labels, metrics["confusion"], strict=True):
        for named, count in zip(labels, counts, strict=True):
            if named != truth and count:
                cells.append((count, sum(counts), truth, named))
    cells.sort(key=lambda cell: (-cell[0] / cell[1], cell[2], cell[3]))
    rows = [
        (truth, named, f"{count} of {total}")
        for count, total, truth, named in cells[:_CONFUSIONS]
    ]
    return Section("Known confusions", tuple(rows), ("is", "is named", "windows"))


def _confidence(told: dict[str, Any]) -> Section:
    rows = [
        ("expected calibration error", f"{told['calibration_error']:.3f}"),
        ("before calibration", f"{told['calibration_error_before']:.3f}"),
        (
            "perfect confidence on as few windows",
            f"{told['calibration_error_by_chance']:.3f}",
        ),
        ("named at all", _in_words(told["named"])),
    ]
    if told["right_when_named"]:
        rows.append(("right when named", _in_words(told["right_when_named"])))
    rows += [
        (f"wrong among the surest {point['coverage']:.0%}", f"{point['risk']:.3f}")
        for point in told["risk_coverage"]
    ]
    text = (
        f"{told['n']} windows in bins of confidence: {_plain(told['bins'])}",
        f"fitted on: {_plain(told['fitted_on'])}; {_plain(told['measured'])}",
    )
    return Section("Confidence", tuple(rows), text=text)


def _conditions(told: dict[str, Any]) -> Section:
    """Tell of the room; first by networks that did not learn the clips, if any did."""
    rows: list[Row] = []
    text = [f"{_plain(k)}: {_plain(v)}" for k, v in told["conditions"].items()]
    unlearned = told.get("unlearned")
    if unlearned:
        rows += _shares("genre named rightly, cross-validated", unlearned["accuracy"])
        rooms = unlearned["conditions"]["living room"]
        text.append(f"cross-validated: {_plain(unlearned['model'])}; {_plain(rooms)}")
        text += _changes(unlearned["change"], "cross-validated")
    rows += _shares("genre named rightly", told["accuracy"])
    for kind, question in _KINDS.items():
        rows += _shares(question, told.get("no_music", {}).get(kind, {}))
    rows += _shares("environmental sound given a genre", told["named"]["environment"])
    held_out = told["accuracy"]["clean"]["recordings"]
    text += _changes(told["change"], f"of which {held_out} were held out")
    head = ("what", "heard", *_SHARE_HEAD[1:], "recordings")
    return Section("In the room", tuple(rows), head, tuple(text))


def _changes(changes: dict[str, Any], whose: str) -> Iterator[str]:
    for name, change in changes.items():
        low, value, high = (100 * change[key] for key in ("low", "value", "high"))
        yield (
            f"{_plain(name)} against clean: {value:+.1f} points ({low:+.1f} to "
            f"{high:+.1f}) over {change['recordings']} clips, {_plain(whose)}"
        )


def _made_from(provenance: dict[str, Any]) -> Section:
    kept = {key: value for key, value in provenance.items() if key != "limits"}
    return Section("Made from", tuple(_flat(kept)))


def _limits(provenance: dict[str, Any]) -> Section:
    text = tuple(_plain(line) for line in list(provenance["limits"]))
    return Section("Limits and licence", text=text)


def _shares(question: str, figures: dict[str, Any]) -> Iterator[Row]:
    for name, figure in figures.items():
        yield question, _plain(name), *_share(figure), str(figure["recordings"])


def _share(figure: dict[str, Any]) -> tuple[str, str, str]:
    interval = f"{figure['low']:.3f} to {figure['high']:.3f}"
    return f"{figure['value']:.3f}", interval, str(int(figure["n"]))


def _in_words(figure: dict[str, Any]) -> str:
    value, interval, n = _share(figure)
    return f"{value} (n={n}, 95 % {interval})"


def _flat(table: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield nested keys as ``outer.inner`` with values a person can read."""
    for key, value in table.items():
        name = f"{prefix}{_plain(key)}"
        if isinstance(value, dict) and all(isinstance(x, int) for x in value.values()):
            counts = ", ".join(f"{_plain(k)} {x}" for k, x in value.items())
            yield name, _plain(counts)
        elif isinstance(value, dict):
            yield from _flat(value, f"{name}.")
        elif isinstance(value, float):
            yield name, f"{value:.4g}"
        elif isinstance(value, list):
            yield name, _plain(", ".join(map(str, value)))
        else:
            yield name, _plain(value)


def _plain(value: object) -> str:
    """Return a short text without anything that a terminal would obey."""
    text = "".join(c if c.isprintable() else " " for c in str(value))
    return text[:_LONGEST]
