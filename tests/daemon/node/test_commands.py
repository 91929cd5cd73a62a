"""Commands: a few words and numbers get through, everything else is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.node.commands import (
    LONGEST_WATCH_S,
    NAMES,
    Listening,
    Threshold,
    Watch,
    parse_command,
)


@pytest.mark.parametrize(
    ("name", "payload", "command"),
    [
        ("listening", b"on", Listening(on=True)),
        ("listening", b"OFF", Listening(on=False)),
        ("listening", b" off\n", Listening(on=False)),
        ("threshold", b"0.45", Threshold(0.45)),
        ("threshold", b"0", Threshold(0.0)),
        ("threshold", b"1.0", Threshold(1.0)),
        ("threshold", b".5", Threshold(0.5)),
        ("watch", b"60", Watch(60)),
        ("watch", b"0", Watch(0)),
    ],
)
def test_commands(name: str, payload: bytes, command: object) -> None:
    assert parse_command(name, payload) == command


@pytest.mark.parametrize(
    ("name", "payload", "sentence"),
    [
        ("listening", b"yes", r"listening must be on or off, got b'yes'"),
        ("listening", b"", r"listening must be on or off, got b''"),
        ("threshold", b"1.01", r"threshold must be a number, 0 to 1, got b'1.01'"),
        ("threshold", b"-0.1", "threshold must be"),
        ("threshold", b"nan", "threshold must be"),
        ("threshold", b"1e-3", "threshold must be"),
        ("threshold", b"0,5", "threshold must be"),
        ("threshold", "\N{ARABIC-INDIC DIGIT ZERO}".encode(), "threshold must be"),
        ("watch", b"301", "watch must be whole seconds, 0 to 300"),
        ("watch", b"000000000500", "watch must be"),
        ("watch", b"1" * 5000, "watch must be"),
        ("reboot", b"now", "no command 'reboot': use listening, threshold, watch"),
        ("", b"", "no command ''"),
        ("x" * 500, b"", "no command"),
    ],
)
def test_others_are_refused_with_a_sentence(
    name: str, payload: bytes, sentence: str
) -> None:
    with pytest.raises(ValueError, match=sentence) as caught:
        parse_command(name, payload)
    assert len(str(caught.value)) < 300


_NEAR_MISSES = st.from_regex(r"[-+0-9.eE,_on f]{0,20}").map(str.encode)


@given(st.sampled_from(NAMES) | st.text(), st.binary() | _NEAR_MISSES)
def test_whatever_comes_is_a_bounded_command_or_refused(
    name: str, payload: bytes
) -> None:
    try:
        command = parse_command(name, payload)
    except ValueError:
        return
    match command:
        case Listening(on):
            assert payload.strip().lower() == (b"on" if on else b"off")
        case Threshold(value):
            assert 0.0 <= value <= 1.0
        case Watch(seconds):
            assert 0 <= seconds <= LONGEST_WATCH_S
