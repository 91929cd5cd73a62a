"""What the daemon hears in a recording, as a report.

The recording goes through the same pipeline as the microphone, as fast as the
machine allows.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import AudioError
from genre_daemon.messages import NO_MUSIC, SILENCE, STATES, Prediction, Segment
from genre_daemon.pipeline import Pipeline, segments
from genre_daemon.sources.audiofile import AudioFile
from genre_daemon.sources.source import SourceEnded

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from rich.console import RenderableType

    from genre_daemon.inference.bundle import Bundle
    from genre_daemon.messages import Verdict


@dataclass(frozen=True)
class FileReport:
    """The answer for one recording."""

    path: Path
    duration_s: float
    genre: str
    """The one word for the whole recording."""
    confidence: float
    """In [0, 1]: mean over the segments of that genre, weighted by their length."""
    segments: tuple[Segment, ...]
    predictions: tuple[Prediction, ...]
    labels: tuple[str, ...]
    """What the probabilities of the predictions belong to."""
    partial: bool
    """Whether the recording was shorter than one window."""

    def to_json(self, *, windows: bool = False) -> dict[str, Any]:
        """Return the report as a plain JSON object.

        Parameters
        ----------
        windows : bool
            Add every prediction.
        """
        report: dict[str, Any] = {
            "path": str(self.path),
            "duration_s": round(self.duration_s, 3),
            "genre": self.genre,
            "confidence": round(self.confidence, 4),
            "segments": [
                {
                    "start_s": round(segment.start_s, 3),
                    "end_s": round(segment.end_s, 3),
                    "genre": segment.genre,
                    "confidence": round(segment.confidence, 4),
                }
                for segment in self.segments
            ],
        }
        if self.partial:
            report["partial"] = True
        if windows:
            report["windows"] = [self._window(p) for p in self.predictions]
        return report

    def _window(self, prediction: Prediction) -> dict[str, Any]:
        best = int(np.argmax(prediction.probabilities))
        probabilities = [round(float(p), 4) for p in prediction.probabilities]
        return {
            "end_s": round(prediction.time_s, 3),
            "genre": self.labels[best],
            "confidence": probabilities[best],
            "level_dbfs": round(prediction.level_dbfs, 1),
            "probabilities": dict(zip(self.labels, probabilities, strict=True)),
        }


def classify_file(
    path: str | Path,
    bundle: Bundle,
    progress: Callable[[float], object] | None = None,
) -> FileReport:
    """Listen to a recording from beginning to end.

    Parameters
    ----------
    path : str or Path
    bundle : Bundle
    progress : callable, optional
        Given the seconds heard so far, about once for each of them.

    Raises
    ------
    AudioError
        If the file cannot be read, or is shorter than one frame.
    BundleError
        If the runtime refuses the model.
    """
    verdicts: list[Verdict] = []
    with AudioFile(path) as source:
        pipeline = Pipeline(bundle, source.rate)
        try:
            while True:
                verdicts += pipeline.push(source.read().samples)
                if progress is not None:
                    progress(source.duration_s)
        except SourceEnded:
            verdicts += pipeline.finish()
        duration_s = source.duration_s
    spec = bundle.info.spec
    if not verdicts:
        raise AudioError(
            f"{path} lasts {duration_s:.3f} s, which is too short to judge: at least "
            f"{spec.n_fft / spec.sample_rate:.3f} s are needed"
        )
    found = segments(verdicts, duration_s)
    genre, confidence = overall(found)
    return FileReport(
        path=Path(path),
        duration_s=duration_s,
        genre=genre,
        confidence=confidence,
        segments=tuple(found),
        predictions=tuple(verdict.prediction for verdict in verdicts),
        labels=bundle.info.labels,
        partial=duration_s < spec.patch_s,
    )


def overall(parts: Sequence[Segment]) -> tuple[str, float]:
    """Return the one word for a recording, and how sure it is.

    What lasts longest counts, but as a person would count: silence says nothing about
    a recording that is not all silent, and where there is more music than talk, a
    genre that was named says more than the stretches where none was.

    Parameters
    ----------
    parts : sequence of Segment, at least one
    """
    lengths: dict[str, float] = defaultdict(float)
    weighted: dict[str, float] = defaultdict(float)
    for part in parts:
        length_s = max(part.end_s - part.start_s, 1e-9)
        lengths[part.genre] += length_s
        weighted[part.genre] += length_s * part.confidence
    sounds = {g: s for g, s in lengths.items() if g != SILENCE}
    no_music_s = sounds.pop(NO_MUSIC, 0.0)
    named = {g: s for g, s in sounds.items() if g not in STATES}
    if no_music_s > sum(sounds.values()):
        genre = NO_MUSIC
    else:
        candidates = named or sounds or lengths
        genre = max(candidates, key=lambda g: candidates[g])
    return genre, weighted[genre] / lengths[genre]


def render(report: FileReport, *, windows: bool = False) -> RenderableType:
    """Return the report as a table for people.

    Parameters
    ----------
    report : FileReport
    windows : bool
        Add every prediction.
    """
    from rich.console import Group  # noqa: PLC0415 - slow, and --json does without
    from rich.text import Text  # noqa: PLC0415

    title = Text.assemble(
        (str(report.path), "bold"),
        f"  {_clock(report.duration_s)}  ",
        (report.genre, "bold cyan"),
        f"  {report.confidence:.0%}",
    )
    lines: list[RenderableType] = [title]
    if report.partial:
        note = "Shorter than one window: judged from what there is, heard in a loop."
        lines.append(Text(note, style="yellow"))
    lines.append(_segments_table(report))
    if windows:
        lines.append(_windows_table(report))
    return Group(*lines)


def _segments_table(report: FileReport) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 - see render

    table = Table("from", "to", "genre", "sure", box=None, pad_edge=True)
    for part in report.segments:
        start, end = _clock(part.start_s), _clock(part.end_s)
        table.add_row(start, end, part.genre, f"{part.confidence:.0%}")
    return table


def _windows_table(report: FileReport) -> RenderableType:
    from rich.table import Table  # noqa: PLC0415 - see render

    table = Table("up to", "level", "first", "", "second", "", "third", "", box=None)
    for prediction in report.predictions:
        best = np.argsort(prediction.probabilities)[::-1][:3]
        cells = [_clock(prediction.time_s), f"{prediction.level_dbfs:.0f} dB"]
        for i in best:
            cells += [report.labels[i], f"{prediction.probabilities[i]:.0%}"]
        table.add_row(*cells)
    return table


def _clock(time_s: float) -> str:
    minutes, rest_s = divmod(round(time_s, 1), 60)
    hours, minutes = divmod(int(minutes), 60)
    if hours:
        return f"{hours}:{minutes:02d}:{rest_s:04.1f}"
    return f"{minutes}:{rest_s:04.1f}"
