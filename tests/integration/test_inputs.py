"""Inputs of every shape: they are opened as they are, or a sentence says what to do.

Sinks of several rates and channel counts are those of a real sound server. What no
sound server has, an input that takes nothing but integers or nothing but eight
channels, is put together from ALSA's own plugins: they refuse what such a card would,
and give the samples of a file, as fast as these are taken. (Which of eight channels
arrives where cannot be seen so: together these plugins mix them up.) No machine without
a sound card has an input that is busy (``EBUSY`` comes from a driver), so PortAudio's
word for it is faked; and none that refuses every rate but an odd one, so the order in
which rates are tried is tested apart (``tests/daemon/sources/test_capture.py``).
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.integration.pulse import Pulse, pulse
from tests.integration.test_capture import recording, sine_fit

from genre_daemon.errors import AudioError
from genre_daemon.sources import devices, portaudio
from genre_daemon.sources.capture import Microphone
from genre_daemon.sources.devices import InputDevice

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

__all__ = ["pulse"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

# Where there is no PCM called "default", PortAudio aborts the whole process.
_COMMON = "pcm.!default { type null }\npcm.silence { type null }\n"
_FILE = 'type file file "/dev/null" format "raw" infile'
# Channels that are put together from those of another: there are so many and no fewer.
_BINDINGS = " ".join(f"{i} {{ slave a channel {i} }}" for i in range(8))
_EIGHT = f"""
pcm.octuple {{ type multi slaves.a {{ pcm "silence" channels 8 }}
              bindings {{ {_BINDINGS} }} }}
pcm.odd {{ {_FILE} "SAMPLES" slave.pcm "octuple" }}
"""
# ALSA's linear plugin knows no floats.
_INTEGERS = f"""
pcm.played {{ {_FILE} "SAMPLES" slave.pcm "silence" }}
pcm.odd {{ type linear slave {{ pcm "played" format S16_LE }} }}
"""
# A rate that none of the usual is.
_RATE = """
pcm.!default { type pulse }
pcm.odd { type plug slave { pcm "default" rate 37800 channels 1 format S16_LE } }
"""
_FILE_RATE = 44_100  # what ALSA opens its null plugin at


@pytest.mark.parametrize(
    ("channels", "rate"),
    [(1, 8_000), (2, 44_100), (8, 192_000)],
)
def test_a_sink_of_any_shape_is_heard(
    pulse: Pulse, tmp_path: Path, channels: int, rate: int
) -> None:
    pulse.load_module(
        "module-null-sink", "sink_name=odd", f"rate={rate}", f"channels={channels}"
    )
    pulse.pactl("set-default-source", "odd.monitor")
    soundfile.write(tmp_path / "tone.wav", 0.5 * sine(20 * 48_000, 48_000), 48_000)
    pulse.play(tmp_path / "tone.wav", sink="odd")
    with recording(pulse.env, tmp_path, 6.0) as recorder:
        heard = recorder.finish()
    assert recorder.told["errors"] == []
    # Of eight channels the server makes two in its own way, and not at full level.
    assert 0.1 < np.abs(heard).max() < 0.6


def sine(n: int, rate: int) -> NDArray[np.float64]:
    """Return so many samples of 441 Hz, peak 1."""
    return np.sin(2 * np.pi * 441 * np.arange(n) / rate)


def hear(
    tmp_path: Path, config: str, samples: NDArray[np.generic]
) -> NDArray[np.float32]:
    """Return what comes from the input ``odd``, over which samples are played."""
    samples.tofile(tmp_path / "samples.raw")
    conf = tmp_path / "asound.conf"
    conf.write_text(_COMMON + config.replace("SAMPLES", str(tmp_path / "samples.raw")))
    env = {**os.environ, "ALSA_CONFIG_PATH": str(conf)}
    with recording(env, tmp_path, 1.0, "odd") as recorder:
        heard = recorder.finish()
    assert recorder.told["errors"] == []
    assert (recorder.told["opened"], recorder.told["rate"]) == (1, _FILE_RATE)
    return heard


def test_an_input_that_knows_no_floats_is_heard_at_its_level(tmp_path: Path) -> None:
    tone = 2**14 * sine(10 * _FILE_RATE, _FILE_RATE)
    both = np.repeat(tone, 2).astype("<i2")
    heard = hear(tmp_path, _INTEGERS, both)
    # The beginning only: nothing holds a file back, so what comes later has gaps.
    for channel in heard[: _FILE_RATE // 5].T:
        amplitude, deviation = sine_fit(channel, 441, _FILE_RATE)
        assert amplitude == pytest.approx(0.5, rel=1e-3)
        assert deviation < 1e-3


def test_an_input_that_has_eight_channels_and_no_fewer_is_heard(tmp_path: Path) -> None:
    heard = hear(tmp_path, _EIGHT, np.full(8 * 10 * _FILE_RATE, 0.25, "<f4"))
    assert heard.shape[1] == 2
    assert np.all(heard[: _FILE_RATE // 5] == 0.25)


def test_an_input_is_opened_at_its_own_rate(pulse: Pulse, tmp_path: Path) -> None:
    (tmp_path / "asound.conf").write_text(_COMMON + _RATE)
    env = {**pulse.env, "ALSA_CONFIG_PATH": str(tmp_path / "asound.conf")}
    # Shorter than START_S: PortAudio gets nothing from this plugin over a sound server,
    # for a reason that is not known, though others do; how it is opened shows even so.
    with recording(env, tmp_path, 2.0, "odd") as recorder:
        recorder.finish()
    assert recorder.told["errors"] == []
    assert (recorder.told["opened"], recorder.told["rate"]) == (1, 37_800)


def test_an_input_that_is_busy_is_told_with_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Refusal(Exception):  # noqa: N818 - stands for sounddevice's own
        pass

    def refuse(**_settings: object) -> None:
        raise Refusal("Device unavailable", -9985)

    library = type("sounddevice", (), {"PortAudioError": Refusal})
    usb = InputDevice(0, "USB Audio (hw:1,0)", "ALSA", 1, 48_000, is_default=True)
    monkeypatch.setattr(portaudio, "sounddevice", lambda: library)
    monkeypatch.setattr(portaudio, "open_input", refuse)
    monkeypatch.setattr(devices, "query", lambda fresh: [usb])

    with pytest.raises(AudioError, match=r"'USB Audio' is in use by another program: "):
        Microphone().__enter__()
