"""What strangers can feed to the daemon, one function each.

A target takes any bytes. It may raise what the daemon answers with a sentence; any
other exception, a result out of bounds, or too much time or memory is a fault.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import soundfile

from genre_daemon.config import load_config
from genre_daemon.errors import GenreListenError
from genre_daemon.history.pulse import Pulse
from genre_daemon.history.recorder import History
from genre_daemon.history.remote import answer
from genre_daemon.homeassistant.remembered import Remembered
from genre_daemon.inference.bundle import SHIPPED, read_bundle, write_bundle
from genre_daemon.node.inbox import Inbox
from genre_daemon.node.shelf import Shelf
from genre_daemon.sources.audiofile import open_audio
from genre_daemon.sources.pcm import ENCODINGS, PcmFormat, PcmReader

if TYPE_CHECKING:
    from collections.abc import Callable

SEED_AUDIO = ("WAV", "FLAC", "OGG", "AIFF", "AU", "CAF", "W64", "MP3", "RF64", "VOC")
_REPOSITORY = Path(__file__).parents[3]
_BLOCKS = 20
_ANSWER_BYTES = 200_000


@dataclass(frozen=True)
class Target:
    """A parser, with what it is fed."""

    name: str
    run: Callable[[bytes], None]
    """Raises only what is expected, or else has a fault."""
    seeds: Callable[[], list[bytes]]
    words: tuple[bytes, ...] = ()


@cache
def _folder() -> Path:
    """Return a folder for the inputs that are files, gone with the process."""
    holder = tempfile.TemporaryDirectory(prefix="fuzz-")
    _kept.append(holder)
    return Path(holder.name)


_kept: list[tempfile.TemporaryDirectory[str]] = []


def _file(name: str, data: bytes) -> Path:
    path = _folder() / name
    path.write_bytes(data)
    return path


# --- the bundle ---------------------------------------------------------------


def _read_bundle(data: bytes) -> None:
    if data[:1] == b"{":
        data = _with_description(data)  # past the frame, to what is in it
    read_bundle(_file("model.tflite", data))


def _with_description(text: bytes) -> bytes:
    """Return the shipped bundle with other words in its ``model.json``."""
    shipped = read_bundle(SHIPPED)
    digest = hashlib.sha256(shipped.flatbuffer).hexdigest().encode()
    buffer = io.BytesIO(shipped.flatbuffer)
    buffer.seek(0, io.SEEK_END)
    with zipfile.ZipFile(buffer, "a") as archive:
        archive.writestr("labels.txt", "\n".join(shipped.info.labels))
        archive.writestr("model.json", text.replace(b"SHA256", digest))
    return buffer.getvalue()


def _bundle_seeds() -> list[bytes]:
    shipped = read_bundle(SHIPPED)
    with zipfile.ZipFile(SHIPPED) as archive:
        words = json.loads(archive.read("model.json"))
    small = _folder() / "small.tflite"
    write_bundle(small, b"\x1c\0\0\0TFL3" + bytes(256), shipped.info)
    description = json.dumps({**words, "sha256": "SHA256"})
    return [small.read_bytes(), description.encode()]


# --- the configuration --------------------------------------------------------


def _load_config(data: bytes) -> None:
    load_config(_file("config.toml", data), environ={})


def _config_seeds() -> list[bytes]:
    everything = f"""
[node]
name = "living-room"
[audio]
device = "http://user:secret@192.0.2.1:8000/stream"
[mqtt]
host = "192.0.2.10"
port = 8883
tls = true
username = "me"
password_file = "{_file("password", b"secret")}"
base_topic = "home/music"
predictions = false
discovery = "single"
[classify]
threshold = 0.45
[history]
enabled = true
days = 400
path = "/var/lib/genre-listen/room.sqlite3"
"""
    return [everything.encode(), (_REPOSITORY / "systemd/config.toml").read_bytes()]


# --- commands over MQTT -------------------------------------------------------


@cache
def _history() -> History:
    return History(_folder() / "history.sqlite3", node="room")


def _receive(data: bytes) -> None:
    topic, _, payload = data.partition(b"\n")
    obeyed: list[object] = []
    answers: list[str] = []
    inbox = Inbox(
        "genre-listen/room",
        obeyed.append,
        lambda request: answers.append(answer(request, _history(), "room")),
    )
    inbox.receive(topic.decode(errors="replace"), payload, retained=False)
    if answers:
        assert len(answers[0]) < _ANSWER_BYTES, "the answer is too long"
        json.loads(answers[0])


def _command_seeds() -> list[bytes]:
    said = {
        "set/listening": b"off",
        "set/threshold": b"0.45",
        "set/watch": b"300",
        "get/history": b'{"id": "x", "since": "2026-01-01T00:00:00Z", "limit": 5}',
    }
    return [
        f"genre-listen/room/{topic}\n".encode() + text for topic, text in said.items()
    ]


# --- recordings ---------------------------------------------------------------


def _read_audio(data: bytes) -> None:
    with open_audio(_file("song", data)) as (rate, blocks):
        for samples, _ in zip(blocks, range(_BLOCKS), strict=False):
            assert samples.dtype == np.float32
            assert len(samples) <= rate, "a block is longer than a second"
            assert np.abs(samples).max() <= 1.0, "samples are out of bounds"


def _audio_seeds() -> list[bytes]:
    music = np.random.default_rng(440).normal(0, 0.1, (2_205, 2)).astype(np.float32)
    seeds = []
    for kind in SEED_AUDIO:
        buffer = io.BytesIO()
        soundfile.write(buffer, music, 22_050, format=kind)
        seeds.append(buffer.getvalue())
    return seeds


# --- samples on a pipe --------------------------------------------------------


def _read_pcm(data: bytes) -> None:
    """Read bytes as they come through a pipe: in pieces, and cut anywhere."""
    head, body = data[:3].ljust(3, b"\0"), data[3:60_000]
    encoding = list(ENCODINGS)[head[0] % len(ENCODINGS)]
    pcm = PcmFormat(channels=head[1] % 8 + 1, encoding=encoding)
    piece = head[2] * 16 + 1
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb", 0) as source, os.fdopen(writing, "wb", 0) as sink:
        reader = PcmReader(source.fileno(), pcm)
        got = 0
        for start in range(0, len(body), piece):
            sink.write(body[start : start + piece])
            got += _take(reader, pcm)
        sink.close()
        try:
            while True:
                got += _take(reader, pcm)
        except EOFError:
            assert got == len(body) // pcm.frame_bytes, "samples were lost or made up"


def _take(reader: PcmReader, pcm: PcmFormat) -> int:
    samples = reader.read(4_096, 0.0)
    assert samples.shape[1] == pcm.channels
    assert not len(samples) or np.abs(samples).max() <= 1.0, "out of bounds"
    return len(samples)


def _pcm_seeds() -> list[bytes]:
    tone = np.sin(np.arange(500) / 7)
    seeds = []
    for number, name in enumerate(ENCODINGS.values()):
        scale = 1.0 if "f" in name else np.iinfo(name).max
        seeds.append(bytes((number, 0, 9)) + (scale * tone).astype(name).tobytes())
    return seeds


# --- what an earlier run has left ---------------------------------------------


def _remember(data: bytes) -> None:
    """Read the files of the state directory: a memory card may hold anything."""
    path = _file("room.json", data)
    Remembered.load(path)
    assert all(isinstance(json.loads(text), dict) for text in Shelf(path).kept)
    history = _folder() / "pulse.sqlite3"
    pulse = Pulse(history, {"RUNTIME_DIRECTORY": str(_folder())})
    pulse._path.write_bytes(data)  # type: ignore[union-attr]  # there is a folder
    pulse.read()


def _state_seeds() -> list[bytes]:
    segment = {"start_s": 1.0, "end_s": 2.0, "genre": "jazz", "confidence": 0.5}
    return [
        b'{"listening": false, "threshold": 0.5}',
        json.dumps({**segment, "model": "m", "node": "room"}).encode(),
        b'{"event_type": "genre_changed", "from": "jazz", "to": "pop"}\n' * 3,
    ]


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target(
            "bundle",
            _read_bundle,
            _bundle_seeds,
            (b"TFL3", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"null", b"1e999"),
        ),
        Target(
            "config",
            _load_config,
            _config_seeds,
            (b"[mqtt]\n", b'"""', b"nan", b"inf", b"true", b"[[", b"= -1", b"\\u0000"),
        ),
        Target(
            "command",
            _receive,
            _command_seeds,
            (b"on", b"NaN", b"1e9", b"null", b"[[[[", b'"until": ', b"-1", b"\xff"),
        ),
        Target("audio", _read_audio, _audio_seeds, (b"RIFF", b"OggS", b"fLaC", b"ID3")),
        Target("pcm", _read_pcm, _pcm_seeds, (b"\0\0\xc0\x7f", b"\0\0\x80\xff")),
        Target(
            "state", _remember, _state_seeds, (b"null", b"NaN", b"-1", b"[[", b"1e999")
        ),
    )
}
"""All targets by name."""

EXPECTED: tuple[type[Exception], ...] = (GenreListenError,)
"""What a target may raise."""
