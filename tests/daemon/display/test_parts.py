"""The parts of a frame: colours, letters, meters, words and the plan of rows."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.color import Color
from rich.style import Style

from genre_daemon.display import fonts, meters, palette, words
from genre_daemon.display.bigtext import Face, choose
from genre_daemon.display.health import fit
from genre_daemon.display.layout import plan
from genre_daemon.display.nodes import Span
from genre_daemon.display.view import Caps

GTZAN = (
    "blues",
    "classical",
    "country",
    "disco",
    "hiphop",
    "jazz",
    "metal",
    "pop",
    "reggae",
    "rock",
)


def _luminance(number: int) -> float:
    def linear(channel: int) -> float:
        value = channel / 255
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = map(linear, Color.from_ansi(number).get_truecolor())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@given(st.text() | st.sampled_from([*GTZAN, "unknown", "no_music", "silence"]))
def test_every_colour_can_be_read_on_white_and_on_nearly_black(genre: str) -> None:
    luminance = _luminance(palette.colour(genre))
    assert 1.05 / (luminance + 0.05) >= 2.9
    assert (luminance + 0.05) / (_luminance(234) + 0.05) >= 2.9


def test_known_genres_have_colours_of_their_own() -> None:
    for one, other in combinations(GTZAN, 2):
        first, second = (
            Color.from_ansi(palette.colour(g)).get_truecolor() for g in (one, other)
        )
        apart = sum((a - b) ** 2 for a, b in zip(first, second, strict=True)) ** 0.5
        assert apart > 55, (one, other)


def test_the_colour_of_an_unknown_label_never_changes() -> None:
    assert palette.colour("schlager") == 29
    assert palette.colour("Hip-Hop") == palette.colour("hiphop")


@pytest.mark.parametrize("font", [fonts.small, fonts.large])
def test_glyphs_are_whole_and_differ_from_one_another(font: object) -> None:
    assert callable(font)
    glyphs = font()
    assert set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_ ") == set(glyphs)
    assert len({len(rows) for rows in glyphs.values()}) == 1
    for rows in glyphs.values():
        assert len({len(row) for row in rows}) == 1
        assert set("".join(rows)) <= {"#", "."}
    alike = [
        one + other
        for one, other in combinations(glyphs, 2)
        if glyphs[one] == glyphs[other]
    ]
    # O and 0, S and 5 are told apart by the words they stand in.
    assert set(alike) <= {"O0", "S5"}


@given(st.sampled_from(GTZAN), st.integers(1, 200), st.integers(1, 30), st.booleans())
def test_the_chosen_face_fits(
    word: str,
    width: int,
    height: int,
    unicode: bool,  # noqa: FBT001 - hypothesis chooses
) -> None:
    face = choose([word], width, height, unicode=unicode)
    if face is not None:
        drawn = face.draw(word)
        assert len(drawn) == face.height <= height
        assert {len(row) for row in drawn} == {face.width(word)}
        assert len(drawn[0]) <= width


def test_a_word_with_other_letters_is_not_drawn_large() -> None:
    face = Face(fonts.small, 1, 1, halves=True)
    assert face.width("rock&roll") is None
    assert choose(["rock&roll"], 40, 10, unicode=True) is not None


@given(st.floats(-1, 2), st.integers(0, 60), st.booleans())
def test_a_bar_is_as_wide_as_it_should_be(
    fraction: float,
    width: int,
    unicode: bool,  # noqa: FBT001
) -> None:
    text = meters.bar(fraction, width, Caps(unicode=unicode), Style())
    assert cell_len(text.plain) == width


@pytest.mark.parametrize(
    ("fraction", "drawn"), [(0.0, "········"), (0.5, "████····"), (0.56, "████▌···")]
)
def test_a_bar_is_drawn_in_eighths(fraction: float, drawn: str) -> None:
    assert meters.bar(fraction, 8, Caps(), Style()).plain == drawn


@pytest.mark.parametrize(
    ("dbfs", "filled"), [(-120.0, 0), (-60.0, 0), (-30.0, 15), (0.0, 30), (9.0, 30)]
)
def test_the_level_meter_goes_from_minus_60_to_0(dbfs: float, filled: int) -> None:
    assert meters.level(dbfs, 30, Caps()).plain.count("█") == filled


def test_only_a_loud_level_is_red() -> None:
    red = str(meters.ink(palette.BAD, Caps()))
    styles = [
        [str(s.style) for s in meters.level(x, 60, Caps()).spans] for x in (-20, -1)
    ]
    assert red not in styles[0]
    assert red in styles[1]


def test_the_timeline_shows_what_was_heard_when() -> None:
    spans = (Span(10.0, 30.0, "jazz"), Span(30.0, 50.0, "rock"))
    caps = Caps(colour=False)
    assert meters.timeline(spans, 0.0, 60.0, 30, caps).plain == (
        "·····│jazz─────│rock─────·····"
    )


@given(
    st.lists(st.tuples(st.floats(0, 100), st.sampled_from([*GTZAN, "日本の音楽"]))),
    st.integers(0, 80),
    st.booleans(),
    st.booleans(),
)
def test_a_timeline_is_as_wide_as_it_should_be(
    changes: list[tuple[float, str]],
    width: int,
    unicode: bool,  # noqa: FBT001
    colour: bool,  # noqa: FBT001
) -> None:
    starts = sorted(changes)
    ends = [*(start for start, _ in starts[1:]), 100.0]
    spans = [Span(s, e, g) for (s, g), e in zip(starts, ends, strict=False)]
    text = meters.timeline(spans, 0.0, 100.0, width, Caps(unicode, colour))
    assert cell_len(text.plain) == width


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "0:00"),
        (192, "3:12"),
        (3_725, "1:02:05"),
        (90_000, "25:00:00"),
        (4e5, "4 days"),
    ],
)
def test_durations_are_told_as_people_do(seconds: float, said: str) -> None:
    assert words.duration(seconds) == said


def test_items_are_shortened_and_cut_to_fit() -> None:
    items = [("✓ broker 127.0.0.1:1883", "✓ broker", ""), ("model small", "small", "")]
    assert fit(items, 60).plain == "✓ broker 127.0.0.1:1883 · model small"
    assert fit(items, 25).plain == "✓ broker · model small"
    assert fit(items, 16).plain == "✓ broker · small"
    assert fit(items, 10).plain == "✓ broker"


@given(st.integers(0, 20), st.integers(1, 200), st.integers(1, 80), st.booleans())
def test_a_plan_never_spends_more_rows_than_there_are(
    n_bars: int,
    width: int,
    height: int,
    unicode: bool,  # noqa: FBT001
) -> None:
    made = plan(["classical"], n_bars, width, height, unicode=unicode)
    rows = len(made.shown) + (made.face.height if made.face else 1) + made.bars
    rows += made.gap * len(made.air) + 3 * made.thick
    rows += max(0, made.bars - 1) * made.spread
    assert rows <= height
