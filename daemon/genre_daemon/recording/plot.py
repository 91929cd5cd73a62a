"""A recording as a picture: what the model heard, and when it changed its mind.

From above: the mel spectrogram, the verdicts, and the probabilities they came from, on
one time axis.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.display.words import duration, percent, spoken
from genre_daemon.features.mel import band_edges_hz
from genre_daemon.history.drawing import EMPTY, FAINT, GRID, INK, Canvas, colour, on
from genre_daemon.recording.melimage import heat, mel_columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_daemon.history.drawing import Box, Colour
    from genre_daemon.recording.report import FileReport

_WIDTH = 2_000
_LEFT, _RIGHT = 150, 1_850
_MEL_TOP, _MEL_BOTTOM = 170, 730
_STRIP_TOP, _STRIP_BOTTOM = 750, 830
_AREA_TOP, _AREA_BOTTOM = 850, 1_090
_HEIGHT = 1_270

_RANGE_DB = 80.0
_TICKS_HZ = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
_TICKS_S = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 14_400)
_TICK_WIDTH = 120
_TICK_HEIGHT = 28
_SAME = 0.02
"""A genre that is less probable than this on the average is not named below."""


def plot_file(report: FileReport, spec: FeatureSpec, out: Path) -> None:
    """Draw a report and the recording it is about.

    Parameters
    ----------
    report : FileReport
        Its recording is read once more.
    spec : FeatureSpec
        The features of the model that heard it.
    out : Path
        Ending in ``.png`` (or ``.webp``, ``.jpg``).

    Raises
    ------
    AudioError
        If the recording can no longer be read.
    PlotError
        If Pillow is missing or the file cannot be written.
    """
    canvas = Canvas(_WIDTH, _HEIGHT)
    said = f"{spoken(report.genre)} {percent(report.confidence)}"
    canvas.text(_RIGHT, 62, said, 42, anchor="rm")
    room = _RIGHT - _LEFT - canvas.text_width(said, 42) - 60
    canvas.text(_LEFT, 62, canvas.fitted(report.path.name, room, 42), 42)
    about = f"{duration(report.duration_s)}, heard as through the microphone"
    canvas.text(_LEFT, 118, about, 26, ink=FAINT)
    frames = mel_columns(report.path, spec, _RIGHT - _LEFT, report.duration_s)
    _draw_mel(canvas, frames, spec)
    _draw_verdicts(canvas, report)
    _draw_probabilities(canvas, report)
    _draw_time_axis(canvas, report.duration_s)
    canvas.save(out)


def stacked(
    probabilities: NDArray[np.float32], colours: Sequence[Colour], height: int
) -> NDArray[np.uint8]:
    """Return a stacked area chart, the first label at the bottom.

    Parameters
    ----------
    probabilities : ndarray, shape (n_columns, n_labels), rows summing to 1
    colours : sequence of Colour, one a label
    height : int
        Pixels.

    Returns
    -------
    ndarray, shape (height, n_columns, 3), uint8
    """
    levels = (np.arange(height)[::-1, None] + 0.5) / height
    below = np.cumsum(probabilities, axis=1)
    label = np.zeros((height, len(probabilities)), np.intp)
    for i in range(len(colours) - 1):
        label += levels > below[:, i]
    return np.array(colours, np.uint8)[label]


def _draw_mel(canvas: Canvas, frames: NDArray[np.float32], spec: FeatureSpec) -> None:
    top_db = float(frames.max()) if frames.size else 0.0
    shown = np.clip((frames - top_db) / _RANGE_DB + 1, 0, 1)
    box = (_LEFT, _MEL_TOP, _RIGHT, _MEL_BOTTOM)
    canvas.image(heat(shown.T[::-1]), box, smooth=True)
    centres_hz = band_edges_hz(spec)[1:-1]
    height = _MEL_BOTTOM - _MEL_TOP
    last_y = float("inf")
    for hz in _TICKS_HZ:
        band = float(np.interp(hz, centres_hz, np.arange(spec.n_mels)))
        y = _MEL_BOTTOM - (band + 0.5) / spec.n_mels * height
        inside = centres_hz[0] <= hz <= centres_hz[-1]
        if not inside or last_y - y < _TICK_HEIGHT:
            continue
        last_y = y
        canvas.box((_LEFT - 14, y - 1, _LEFT - 4, y + 1), FAINT)
        text = f"{hz // 1_000} kHz" if hz >= 1_000 else f"{hz} Hz"  # noqa: PLR2004 - 1 kHz
        canvas.text(_LEFT - 24, y, text, 22, ink=FAINT, anchor="rm")
    bar = heat(np.linspace(1, 0, height, dtype=np.float32)[:, None])
    canvas.image(bar, (_RIGHT + 24, _MEL_TOP, _RIGHT + 44, _MEL_BOTTOM))
    for db in (0, -20, -40, -60, -80):
        y = _MEL_TOP - db / _RANGE_DB * height
        canvas.text(_RIGHT + 54, y, f"{db} dB", 20, ink=FAINT)


def _draw_verdicts(canvas: Canvas, report: FileReport) -> None:
    canvas.text(
        _LEFT - 24,
        _middle(_STRIP_TOP, _STRIP_BOTTOM),
        "verdict",
        ink=FAINT,
        anchor="rm",
    )
    for segment in report.segments:
        left, right = (
            _LEFT + time_s / report.duration_s * (_RIGHT - _LEFT)
            for time_s in (segment.start_s, segment.end_s)
        )
        fill = colour(segment.genre)
        # A hair of paper between two segments.
        canvas.box((left, _STRIP_TOP, max(left + 1, right - 2), _STRIP_BOTTOM), fill)
        _name_segment(
            canvas,
            (left, _STRIP_TOP, right, _STRIP_BOTTOM),
            (spoken(segment.genre), percent(segment.confidence)),
            on(fill),
        )


def _name_segment(
    canvas: Canvas, box: Box, lines: tuple[str, str], ink: Colour
) -> None:
    """Write the genre and its confidence where there is room for them."""
    left, top, right, bottom = box
    room = right - left - 16
    name, sure = lines
    middle, y = (left + right) / 2, _middle(top, bottom)
    size = next((n for n in (26, 18) if canvas.text_width(name, n) <= room), None)
    if size is None:
        return
    canvas.text(middle, y - 15, name, size, ink=ink, anchor="mm")
    if canvas.text_width(sure, 20) <= room:
        canvas.text(middle, y + 18, sure, 20, ink=ink, anchor="mm")


def _draw_probabilities(canvas: Canvas, report: FileReport) -> None:
    canvas.box((_LEFT, _AREA_TOP, _RIGHT, _AREA_BOTTOM), EMPTY)
    for part, text in ((0.0, "0"), (0.5, "50 %"), (1.0, "100 %")):
        y = _AREA_BOTTOM - part * (_AREA_BOTTOM - _AREA_TOP)
        canvas.text(_LEFT - 24, y, text, 20, ink=FAINT, anchor="rm")
    table = np.stack([p.probabilities for p in report.predictions])
    order = np.argsort(-table.mean(axis=0))
    labels = [report.labels[i] for i in order]
    # A prediction is about the hop that ends with it.
    ends_s = np.array([p.time_s for p in report.predictions])
    at_s = (np.arange(_RIGHT - _LEFT) + 0.5) / (_RIGHT - _LEFT) * report.duration_s
    column = np.minimum(np.searchsorted(ends_s, at_s), len(ends_s) - 1)
    pixels = stacked(
        table[column][:, order],
        [colour(label) for label in labels],
        _AREA_BOTTOM - _AREA_TOP,
    )
    canvas.image(pixels, (_LEFT, _AREA_TOP, _RIGHT, _AREA_BOTTOM))
    mean = table.mean(axis=0)[order]
    _draw_legend(
        canvas, [name for name, p in zip(labels, mean, strict=True) if p > _SAME]
    )


def _draw_legend(canvas: Canvas, labels: Sequence[str]) -> None:
    x, y = float(_LEFT), _HEIGHT - 56
    canvas.text(_LEFT - 24, y, "probability", 20, ink=FAINT, anchor="rm")
    for label in labels:
        width = 34 + canvas.text_width(spoken(label), 22) + 36
        if x + width > _RIGHT:
            return
        canvas.box((x, y - 11, x + 22, y + 11), colour(label), 4)
        canvas.text(x + 34, y, spoken(label), 22)
        x += width


def _draw_time_axis(canvas: Canvas, duration_s: float) -> None:
    width = _RIGHT - _LEFT
    most = width / _TICK_WIDTH
    step_s = next((s for s in _TICKS_S if duration_s / s <= most), _TICKS_S[-1])
    for time_s in np.arange(0, duration_s, step_s):
        x = _LEFT + time_s / duration_s * width
        canvas.box((x - 1, _AREA_BOTTOM + 6, x + 1, _AREA_BOTTOM + 18), FAINT)
        text = duration(float(time_s))
        canvas.text(x, _AREA_BOTTOM + 40, text, 22, ink=INK, anchor="mm")
    y = _AREA_BOTTOM + 80
    canvas.text(_RIGHT, y, "time, minutes : seconds", 20, ink=FAINT, anchor="rm")
    canvas.box((_LEFT, y + 24, _RIGHT, y + 26), GRID)


def _middle(top: float, bottom: float) -> float:
    return (top + bottom) / 2
