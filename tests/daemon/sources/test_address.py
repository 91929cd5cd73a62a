"""What a source is called, and what of that may be said aloud."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.sources.address import Kind, kind_of, public_name

PLAIN = st.text("abcXYZ019-_.!*'()@:", min_size=1)


@pytest.mark.parametrize(
    ("device", "kind"),
    [
        ("default", Kind.MICROPHONE),
        ("USB PnP Sound Device: Audio (hw:1,0)", Kind.MICROPHONE),
        ("USB 2.0 Camera", Kind.MICROPHONE),
        ("3", Kind.MICROPHONE),
        ("demo", Kind.DEMO),
        ("-", Kind.STDIN),
        ("song.flac", Kind.FILE),
        ("~/Music/a song", Kind.FILE),
        ("./song", Kind.FILE),
        ("http://192.0.2.1:8000/radio.mp3", Kind.STREAM),
        ("rtsp://user:pass@camera.local/1", Kind.STREAM),
    ],
)
def test_a_text_says_what_it_names(device: str, kind: Kind) -> None:
    assert kind_of(device) is kind


@pytest.mark.parametrize(
    "url", ["ftp://host/a.mp3", "file:///etc/passwd", "http://", "http://[::1/x"]
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        kind_of(url)


def test_an_address_is_said_without_user_password_and_query() -> None:
    url = "https://me:s3cret@radio.example:8443/live.mp3?token=abc#x"
    assert public_name(url) == "https://radio.example:8443/live.mp3"
    assert public_name(f"Impossible to open '{url}'") == (
        "Impossible to open 'https://radio.example:8443/live.mp3"
    )
    assert public_name("USB Microphone") == "USB Microphone"


@given(PLAIN, PLAIN)
def test_no_password_gets_through(user: str, password: str) -> None:
    secret = "7" * 20 + password
    assert "7" * 20 not in public_name(f"rtsp://{user}:{secret}@host/1")
