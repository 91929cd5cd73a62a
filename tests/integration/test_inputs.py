"""Inputs of every shape: they are opened as they are, or a sentence says what to do.

Sound servers with sinks of several rates and channel counts are real, and so are
ALSA's plugins, as far as those refuse anything. No machine without a sound card has
an input that is busy (``EBUSY`` comes from a driver), so PortAudio's word for it is
faked; and none that refuses every rate but an odd one, so the order in which rates
are tried is tested apart (``tests/daemon/sources/test_capture.py``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.integration.pulse import Pulse, pulse
from tests.integration.test_capture import recording

from genre_daemon.errors import AudioError
from genre_daemon.sources import devices, portaudio
from genre_daemon.sources.capture import Microphone
from genre_daemon.sources.devices import InputDevice

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["pulse"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

# Where there is no PCM called "default", PortAudio aborts the whole process.
_SERVER = "pcm.!default { type pulse }\n"
# Channels that are put together from those of another.
_BINDINGS = " ".join(f"{i} {{ slave a channel {i} }}" for i in range(8))
_EIGHT = f"""
pcm.plugged {{ type plug slave.pcm "default" }}
pcm.odd {{ type multi slaves.a {{ pcm "plugged" channels 8 }}
          bindings {{ {_BINDINGS} }} }}
"""
# Integers alone: ALSA's linear plugin knows no floats.
_INT16 = """
pcm.mapped { type mmap_emul slave.pcm "default" }
pcm.odd { type linear slave { pcm "mapped" format S16_LE } }
"""
# A rate that none of the usual is.
_RATE = """
pcm.odd { type plug slave { pcm "default" rate 37800 channels 1 format S16_LE } }
"""


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
    with recording(pulse.env, tmp_path, 6.0) as recorder:
        heard = recorder.finish()
    assert recorder.told["errors"] == []
    assert len(heard) > 0


@pytest.mark.parametrize(
    ("config", "rate"),
    [(_EIGHT, 44_100), (_INT16, 44_100), (_RATE, 37_800)],
    ids=["eight channels", "integers", "37.8 kHz"],
)
def test_an_input_that_is_unlike_others_is_opened_at_its_own_rate(
    pulse: Pulse, tmp_path: Path, config: str, rate: int
) -> None:
    (tmp_path / "asound.conf").write_text(_SERVER + config)
    env = {**pulse.env, "ALSA_CONFIG_PATH": str(tmp_path / "asound.conf")}
    # Shorter than START_S: over a sound server these plugins deliver nothing to
    # PortAudio, as over hardware they would.
    with recording(env, tmp_path, 3.0, "odd") as recorder:
        recorder.finish()
    assert recorder.told["errors"] == []
    assert (recorder.told["opened"], recorder.told["rate"]) == (1, rate)


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
