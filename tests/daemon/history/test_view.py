"""A history in a terminal: with and without colour, Unicode and room."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date

import pytest
from rich.console import Console

from genre_daemon.display.view import Caps
from genre_daemon.history.days import Period, moment, whole_days
from genre_daemon.history.runs import PastSegment
from genre_daemon.history.view import as_csv, as_json, hours, letter_by_genre, render

DAY = date(2026, 7, 28)
PERIOD = whole_days(DAY, 1, UTC)


def heard(start_h: float, end_h: float, genre: str) -> PastSegment:
    start_s, end_s = (moment(DAY, h, UTC) for h in (start_h, end_h))
    return PastSegment(start_s, end_s, genre, 0.75, "model 1", "attic")


SEGMENTS = [
    heard(0, 8, "silence"),
    heard(8, 9, "jazz"),
    heard(9, 9.25, "no_music"),
    heard(9.25, 12.25, "reggae"),
    heard(18, 18.5, "jazz"),
]


def screen(
    caps: Caps,
    width: int = 100,
    period: Period = PERIOD,
    segments: list[PastSegment] = SEGMENTS,
) -> str:
    """Return what would be on a screen, with escape sequences for colour."""
    console = Console(
        file=io.StringIO(),
        width=width,
        force_terminal=caps.colour,
        color_system="256" if caps.colour else None,
        highlight=False,
    )
    console.print(render(segments, period, caps, node="attic", width=width))
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


PLAIN = Caps(unicode=False, colour=False)


def test_without_colour_letters_stand_for_genres() -> None:
    lines = screen(PLAIN, width=104).splitlines()
    assert lines[0].rstrip() == "attic  Tue 28 Jul 2026"
    assert "listened for 12 h 45 min, to music for 4 h 30 min (35 %)" in lines[1]
    strip = lines[3]
    assert strip.startswith("Tue 28 ")
    cells = strip[7:].rstrip()
    assert len(cells) == 96
    assert cells[:32] == "-" * 32
    assert cells[32:36] == "JJJJ"
    assert cells[36] == "~"
    assert cells[37:49] == "R" * 12
    assert cells[50:70] == "." * 20


def test_shares_are_told_with_the_longest_first() -> None:
    text = screen(PLAIN)
    reggae = next(line for line in text.splitlines() if " reggae " in line)
    jazz = next(line for line in text.splitlines() if " jazz " in line)
    assert text.index(reggae) < text.index(jazz) < text.index(" silence ")
    assert reggae.startswith("R  reggae")
    assert "3 h 00 min" in reggae
    assert "67 %" in reggae
    assert "sure 75 %" in reggae
    assert "8 h 00 min" in text.splitlines()[-2], "what is no music comes last"


@pytest.mark.parametrize("width", [24, 40, 80, 200])
@pytest.mark.parametrize("caps", [Caps(), PLAIN, Caps(unicode=False)])
def test_it_fits_any_terminal(width: int, caps: Caps) -> None:
    text = screen(Caps(unicode=caps.unicode, colour=False), width)
    assert max(map(len, text.splitlines())) <= width
    if not caps.unicode:
        assert text.isascii()


def test_colour_is_the_one_of_the_display() -> None:
    assert "\x1b[38;5;30m█" in screen(Caps())  # jazz


def test_a_week_has_a_line_a_day() -> None:
    lines = screen(PLAIN, period=whole_days(DAY, 7, UTC)).splitlines()
    days = [line[:6] for line in lines[3:10]]
    assert days == [
        "Wed 22",
        "Thu 23",
        "Fri 24",
        "Sat 25",
        "Sun 26",
        "Mon 27",
        "Tue 28",
    ]
    assert lines[10].split()[:2] == ["00", "03"]


def test_it_says_when_nothing_was_heard() -> None:
    assert "Nothing was heard in this time." in screen(PLAIN, segments=[])


def test_no_two_genres_share_a_letter() -> None:
    genres = ["pop", "punk", "polka", "rock", "reggae", "p-p", "silence", "unknown"]
    letters = letter_by_genre(genres)
    assert len(set(letters.values())) == len(genres)
    assert letters["silence"] == "-"
    assert letters["rock"] in "ROCK"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3_599, "1 h 00 min"),
        (3_660, "1 h 01 min"),
    ],
)
def test_time_is_told_in_words(seconds: float, words: str) -> None:
    assert hours(seconds) == words


def test_json_has_segments_and_shares() -> None:
    content = json.loads(as_json(SEGMENTS, PERIOD, "attic"))
    assert content["node"] == "attic"
    assert (content["from"], content["to"]) == (
        "2026-07-28T00:00:00Z",
        "2026-07-29T00:00:00Z",
    )
    assert content["segments"][1] == {
        "start": "2026-07-28T08:00:00Z",
        "end": "2026-07-28T09:00:00Z",
        "genre": "jazz",
        "confidence": 0.75,
        "model": "model 1",
        "node": "attic",
    }
    assert content["shares"][0]["genre"] == "silence"
    assert content["shares"][1] == {
        "genre": "reggae",
        "duration_s": 10_800.0,
        "confidence": 0.75,
        "segments": 1,
        "music": True,
    }


def test_csv_has_a_row_a_segment() -> None:
    found = list(csv.DictReader(io.StringIO(as_csv(SEGMENTS))))
    assert len(found) == len(SEGMENTS)
    assert found[1]["start"] == "2026-07-28T08:00:00Z"
    assert found[1]["genre"] == "jazz"
    assert found[1]["duration_s"] == "3600.0"
