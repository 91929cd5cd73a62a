"""Pictures of a history: the right colours in the right places."""

from __future__ import annotations

import sys
from datetime import UTC, date
from typing import TYPE_CHECKING

import numpy as np
import pytest

from genre_daemon.history.days import Period, moment, whole_days
from genre_daemon.history.drawing import EMPTY, PAPER, Canvas, PlotError, colour, on
from genre_daemon.history.plot import plot_history
from genre_daemon.history.runs import PastSegment

if TYPE_CHECKING:
    from pathlib import Path

Image = pytest.importorskip(
    "PIL.Image", reason="pictures are an extra: pip install pillow"
)

DAY = date(2026, 7, 28)


def heard(start_h: float, end_h: float, genre: str) -> PastSegment:
    start_s, end_s = (moment(DAY, h, UTC) for h in (start_h, end_h))
    return PastSegment(start_s, end_s, genre, 0.75, "model 1", "attic")


SEGMENTS = [heard(0, 6, "silence"), heard(6, 12, "jazz"), heard(12, 18, "reggae")]


def pixels(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def test_a_day_is_a_strip_from_midnight_to_midnight(tmp_path: Path) -> None:
    out = tmp_path / "day.png"
    plot_history(SEGMENTS, whole_days(DAY, 1, UTC), out, node="attic")
    picture = pixels(out)
    strip = picture[190 + 85]
    inside = strip[90:-90]
    quarters = [tuple(inside[round(len(inside) * q)]) for q in (0.12, 0.37, 0.62, 0.87)]
    expected = [colour("silence"), colour("jazz"), colour("reggae"), EMPTY]
    assert quarters == expected
    # The border between two genres is where the clock says, to two pixels.
    edge = int(np.argmax((inside == colour("reggae")).all(axis=1)))
    assert edge == pytest.approx(len(inside) / 2, abs=2)


def test_a_week_is_a_calendar_with_a_column_a_day(tmp_path: Path) -> None:
    out = tmp_path / "week.png"
    plot_history(SEGMENTS, whole_days(DAY, 7, UTC), out, node="attic")
    picture = pixels(out)
    jazz = (picture == colour("jazz")).all(axis=2)
    jazz[:, 1_300:] = False  # the bars beside it
    rows, columns = np.nonzero(jazz)
    assert np.ptp(rows) == pytest.approx(1_080 / 4, abs=3)
    assert columns.min() > 1_080, "in the last column, which is today's"


@pytest.mark.parametrize("days", [2, 31, 400])
def test_any_length_can_be_drawn(tmp_path: Path, days: int) -> None:
    out = tmp_path / "long.png"
    plot_history(SEGMENTS, whole_days(DAY, days, UTC), out)
    assert pixels(out).shape[0] > 1_000


def test_an_empty_history_can_be_drawn(tmp_path: Path) -> None:
    out = tmp_path / "empty.png"
    plot_history([], Period(1_000, 5_000, UTC), out)
    assert tuple(pixels(out)[5, 5]) == PAPER


def test_states_stay_in_the_background_and_genres_do_not() -> None:
    assert min(colour("silence")) > 200
    for genre in ("jazz", "metal", "pop", "something else"):
        assert np.ptp(colour(genre)) > 50, "a colour, not a grey"


def test_text_can_be_read_on_any_ground() -> None:
    assert max(on((250, 250, 250))) < 60
    assert on((20, 40, 20)) == (255, 255, 255)


def test_long_text_is_cut() -> None:
    canvas = Canvas(100, 100)
    short = canvas.fitted("a very long name of a recording", 200, 22)
    assert short.endswith("...")
    assert canvas.text_width(short, 22) <= 200
    assert canvas.fitted("short", 200, 22) == "short"


def test_a_picture_needs_an_ending_that_says_so(tmp_path: Path) -> None:
    with pytest.raises(PlotError, match=r"does not end as a picture does: \.png"):
        plot_history([], Period(0, 10, UTC), tmp_path / "day.txt")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_that_cannot_be_written_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(PlotError, match="cannot be written: No such file"):
        plot_history([], Period(0, 10, UTC), tmp_path / "no" / "day.png")


def test_without_pillow_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "PIL", None)
    with pytest.raises(PlotError, match=r"pip install 'genre-listen\[plot\]'"):
        plot_history([], Period(0, 10, UTC), tmp_path / "day.png")
