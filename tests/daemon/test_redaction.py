"""Redaction: addresses stay readable, what is secret in them does not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.redaction import redact


@pytest.mark.parametrize(
    ("text", "safe"),
    [
        ("http://pi:hunter2@radio.example/live", "***@radio.example/live"),
        ("cannot open 'rtsp://pi:hun/ter2@h:554'", "cannot open '***@h:554'"),
        ("pi:hunter2@h", "***@h"),
        ("http://radio.example:8000/live", "http://radio.example:8000/live"),
        ("USB@48000", "USB@48000"),
        ("", ""),
    ],
)
def test_what_stands_before_the_at_is_gone(text: str, safe: str) -> None:
    assert redact(text) == safe


@given(st.text(), st.from_regex(r"[a-z0-9/?#%!]{4,20}", fullmatch=True), st.text())
def test_no_password_is_left(before: str, password: str, after: str) -> None:
    said = redact(f"{before} http://pi:{password}@radio.example/ {after}")
    assert f"{password}@" not in said
