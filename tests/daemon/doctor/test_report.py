"""How findings are shown."""

from __future__ import annotations

import re

import pytest

from genre_daemon.display.view import Caps
from genre_daemon.doctor.examination import exit_code
from genre_daemon.doctor.finding import Finding, note, problem, well
from genre_daemon.doctor.report import as_object, line, summary

PLAIN = Caps(unicode=True, colour=False)
FINDINGS = [
    well("model", "small-1.0"),
    note("clock", "kept right by no time server", "timedatectl set-ntp true"),
    problem("level", "digital silence", "unmute it"),
]


@pytest.mark.parametrize(
    ("caps", "marks"),
    [(PLAIN, "✓!✗"), (Caps(unicode=False, colour=False), "+!x")],
)
def test_each_state_has_a_mark_even_in_ascii(caps: Caps, marks: str) -> None:
    lines = [line(finding, caps) for finding in FINDINGS]
    assert "".join(text[0] for text in lines) == marks
    assert caps.unicode or all(text.isascii() for text in lines)


def test_a_pipe_gets_one_line_with_what_was_found_and_what_to_do() -> None:
    finding = problem("broker", "127.0.0.1:1883: " + "long " * 60, "start it")
    text = line(finding, PLAIN)
    assert "\n" not in text
    assert text.startswith("✗ broker     127.0.0.1:1883")
    assert text.endswith(": start it")


@pytest.mark.parametrize("width", [40, 60, 80])
def test_a_narrow_terminal_wraps_under_the_text(width: int) -> None:
    finding = problem("broker", "the broker is away " * 8, "start it")
    rows = line(finding, PLAIN, width).splitlines()
    assert len(rows) > 1
    assert max(map(len, rows)) <= width
    assert all(row.startswith(" " * 13) for row in rows[1:])


def test_colour_changes_nothing_else() -> None:
    coloured = line(FINDINGS[2], Caps(unicode=True, colour=True))
    plain = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert plain == line(FINDINGS[2], PLAIN) != coloured


def test_a_device_cannot_write_to_the_terminal() -> None:
    text = line(well("microphone", "USB\x1b[2J\r\nMic"), PLAIN)
    assert text == "✓ microphone USB?[2J??Mic"


def test_the_last_line_counts() -> None:
    assert summary(FINDINGS) == "1 problem, 1 note"
    assert summary(FINDINGS[:1]) == "no problems"


def test_json_counts_and_names_all() -> None:
    told = as_object(FINDINGS)
    assert told["problems"] == 1
    assert told["findings"][2] == {
        "check": "level",
        "state": "problem",
        "found": "digital silence",
        "remedy": "unmute it",
    }


@pytest.mark.parametrize(("count", "code"), [(0, 0), (3, 3), (500, 100)])
def test_the_exit_code_counts_problems_within_bounds(count: int, code: int) -> None:
    findings: list[Finding] = [*FINDINGS[:2], *[FINDINGS[2]] * count]
    assert exit_code(findings) == code
