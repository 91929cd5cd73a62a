"""Frames: of exactly their size, saying in plain words what is the matter."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console

from genre_daemon.display.nodes import Nodes
from genre_daemon.display.render import render
from genre_daemon.display.view import Broker, Caps, View

NOW = 1_800_000_000.0  # 08:00:00 UTC
BROKER = Broker("192.0.2.10:1883", connected=True)
LABELS = "blues classical country disco hiphop jazz metal pop reggae rock".split()  # noqa: SIM905 - easier to read
PLAIN = Caps(unicode=True, colour=False)
SIZES = [(40, 12), (80, 24), (200, 60)]


def _iso(time_s: float) -> str:
    return datetime.fromtimestamp(time_s, UTC).isoformat()


def _nodes(*names: str, genre: str = "rock", for_s: float = 192.0) -> Nodes:
    nodes = Nodes("base")
    probabilities = {label: 0.94 if label == genre else 0.006 for label in LABELS}
    state = {
        "genre": genre,
        "confidence": 0.94,
        "probabilities": probabilities,
        "model": "small 1",
        "since": _iso(NOW - for_s),
        "time": _iso(NOW),
    }
    figures = {"level_dbfs": -18.0, "dropped_hops": 3}
    for name in names:
        _say(nodes, name, "availability", "online")
        _say(nodes, name, "microphone", "ok")
        _say(nodes, name, "state", json.dumps(state))
        _say(nodes, name, "telemetry", json.dumps(figures))
    return nodes


def _say(nodes: Nodes, name: str, kind: str, payload: str) -> None:
    nodes.receive(f"base/{name}/{kind}", payload.encode(), retained=False, now_s=NOW)


def _view(nodes: Nodes, **other: Any) -> View:  # noqa: ANN401 - fields of View
    view = View(now_s=NOW, broker=BROKER, nodes=tuple(nodes), zone=UTC)
    return replace(view, **other)


def _rows(
    view: View, width: int = 80, height: int = 24, caps: Caps = PLAIN
) -> list[str]:
    return render(view, width, height, caps).plain.split("\n")


def _text(view: View, width: int = 80, height: int = 24) -> str:
    return " ".join(" ".join(_rows(view, width, height)).split())


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_one_node_has_every_part(width: int, height: int) -> None:
    text = _text(_view(_nodes("living-room")), width, height)
    for part in (
        "living-room",
        "08:00:00",
        "94 %",
        "for 3:12",
        "\N{MINUS SIGN}18 dBFS",
        "✓ broker",
    ):
        assert part in text
    assert "█▀" in text or "███" in text


def test_the_named_genre_is_among_the_bars_where_not_all_fit() -> None:
    rows = _rows(_view(_nodes("a", genre="rock")), 40, 12)
    bars = [row.split()[0] for row in rows if row.endswith("%")]
    assert "rock" in bars
    assert bars == sorted(bars)
    assert 3 <= len(bars) < len(LABELS)


def test_bars_keep_their_places_when_the_genre_changes() -> None:
    first = _rows(_view(_nodes("a", genre="rock")))
    second = _rows(_view(_nodes("a", genre="jazz")))
    places = [[row.split()[:1] for row in rows[7:18]] for rows in (first, second)]
    assert places[0] == places[1]


def test_the_letters_are_larger_on_a_larger_terminal() -> None:
    view = _view(_nodes("a"))
    widest = []
    for size in SIZES:
        above, _, _ = render(view, *size, PLAIN).plain.partition("94 % sure")
        widest.append(max(len(row.rstrip()) for row in above.split("\n")[1:]))
    assert widest[0] < widest[1] < widest[2]


def test_a_large_word_reads_as_its_letters() -> None:
    rows = [row.rstrip() for row in _rows(_view(_nodes("a", genre="rock")), 40, 12)]
    assert rows[1:4] == [" █▀▄ █▀█ ▄▀▀ █ █", " █▀▄ █ █ █   █▀▄", " ▀ ▀ ▀▀▀  ▀▀ ▀ ▀"]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_without_unicode_every_character_is_ascii(width: int, height: int) -> None:
    nodes = _nodes("küche", "salón")
    for everyone in (False, True):
        view = _view(nodes, everyone=everyone, footer="Straße")
        for colour in (False, True):
            rows = _rows(view, width, height, Caps(unicode=False, colour=colour))
            assert "".join(rows).isascii()
            assert everyone or any("####" in row for row in rows)


def test_without_colour_the_timeline_still_names_the_genres() -> None:
    rows = _rows(_view(_nodes("a")), 80, 24)
    assert any("│rock───" in row for row in rows)


def test_a_name_on_the_timeline_stands_in_the_genres_colour() -> None:
    console = Console(
        file=io.StringIO(), width=80, force_terminal=True, color_system="256"
    )
    console.print(render(_view(_nodes("a")), 80, 24, Caps()))
    file = console.file
    assert isinstance(file, io.StringIO)
    assert "\x1b[1;38;5;231;48;5;202m rock " in file.getvalue()


def test_trouble_is_told_in_plain_words() -> None:
    away = Broker("192.0.2.10:1883", connected=False, reason="Connection refused")
    text = _text(_view(_nodes("kitchen"), broker=away))
    assert "No broker at 192.0.2.10:1883: Connection refused. Trying again." in text
    assert "Last heard: rock." in text
    nodes = _nodes("kitchen")
    _say(nodes, "kitchen", "microphone", "problem: unplugged")
    assert "Microphone problem: unplugged" in _text(_view(nodes))
    _say(nodes, "kitchen", "availability", "offline")
    said = "kitchen is offline; it last heard rock, 0:30 ago."
    assert said in _text(_view(nodes, now_s=NOW + 30.0))


def test_waiting_is_told_in_plain_words() -> None:
    empty = Nodes("base")
    looking = Broker("192.0.2.10:1883")
    text = _text(_view(empty, broker=looking))
    assert "Looking for the broker at 192.0.2.10:1883." in text
    assert "no node has spoken yet" in _text(_view(empty))
    missing = _text(_view(_nodes("kitchen"), wanted="attic"))
    assert "Nothing heard of attic yet. Known: kitchen." in missing
    _say(empty, "attic", "availability", "online")
    assert "Nothing heard from attic yet." in _text(_view(empty))


def test_a_verdict_that_is_not_renewed_is_not_shown_for_ever() -> None:
    view = _view(_nodes("kitchen"))
    assert "94 %" in _text(replace(view, now_s=NOW + 99.0))
    late = _text(replace(view, now_s=NOW + 130.0))
    assert "kitchen has said nothing for 2:10." in late
    assert "94 %" not in late


def test_lost_hops_and_a_wrong_clock_are_pointed_out() -> None:
    nodes = _nodes("kitchen")
    early = {"genre": "rock", "time": _iso(NOW + 90.0), "since": _iso(NOW)}
    _say(nodes, "kitchen", "state", json.dumps(early))
    text = _text(_view(nodes), 200)
    assert "3 hops dropped" in text
    assert "its clock is 90 s ahead" in text


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_all_rooms_have_a_row_with_name_genre_confidence_and_time(
    width: int, height: int
) -> None:
    nodes = _nodes("kitchen", "attic")
    rows = _rows(_view(nodes, everyone=True), width, height)
    for name in ("kitchen", "attic"):
        row = next(row for row in rows if name in row)
        assert "94 %" in row
        assert "3:12" in row
        assert height > 12 or "rock" in row


def test_more_rooms_than_rows_are_counted() -> None:
    nodes = _nodes(*(f"room-{number}" for number in range(20)))
    rows = _rows(_view(nodes, everyone=True), 40, 12)
    assert len(rows) == 12
    shown = sum("room-" in row for row in rows)
    assert any(f"and {20 - shown} more" in row for row in rows)


def test_pause_help_footer_and_place_are_shown() -> None:
    nodes = _nodes("kitchen", "attic")
    view = _view(nodes, wanted="kitchen", paused=True, footer="listening to USB Audio")
    text = _text(view)
    assert "paused 2 of 2" in text
    assert "listening to USB Audio q quit" in text
    assert "this help, and back" in _text(replace(view, help=True))


_LABEL = st.text(max_size=30)
_PROBABILITIES = st.dictionaries(_LABEL, st.floats(0, 1), max_size=15)


@settings(deadline=None)
@given(
    st.integers(1, 220),
    st.integers(1, 70),
    st.builds(Caps, unicode=st.booleans(), colour=st.booleans()),
    st.text(min_size=1),
    _LABEL,
    _PROBABILITIES,
    st.booleans(),
)
# A mark without a width of its own, which ASCII shows as a question mark.
@example(1, 4, Caps(unicode=False, colour=False), "\u093a", "", {}, False)
def test_any_frame_fits_its_terminal_and_holds_no_control_character(  # noqa: PLR0913, PLR0917 - hypothesis chooses
    width: int,
    height: int,
    caps: Caps,
    name: str,
    genre: str,
    probabilities: dict[str, float],
    everyone: bool,  # noqa: FBT001
) -> None:
    nodes = Nodes("base")
    name = name.replace("/", "-")
    state = json.dumps({"genre": genre, "probabilities": probabilities})
    _say(nodes, name, "microphone", genre)
    _say(nodes, name, "microphone", "ok")
    _say(nodes, name, "state", state)
    rows = _rows(_view(nodes, everyone=everyone, footer=genre), width, height, caps)
    assert len(rows) <= height
    assert max(map(cell_len, rows)) <= width
    assert all(row.isprintable() for row in rows)
