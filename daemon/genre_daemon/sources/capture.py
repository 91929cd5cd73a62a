"""The microphone, through PortAudio.

The device is opened at its own rate; the pipeline mixes down and resamples. The
callback, which PortAudio calls from a thread that must not wait, only copies.
"""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING, Any, Self

from genre_daemon.errors import AudioError
from genre_daemon.sources import devices, portaudio
from genre_daemon.sources.pcm import to_float
from genre_daemon.sources.ring import Ring
from genre_daemon.sources.source import STALL_S, START_S, Block, SourceEnded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray

logger = logging.getLogger(__name__)

_OPEN_S = 5.0  # seconds; opening may wake a sound server that sleeps
_CLOSE_S = 1.0  # seconds; the daemon must be gone 2 s after it was asked to go
_BLOCK_S = 0.1  # seconds that PortAudio hands over at a time
_READ_S = 0.25  # seconds worth waking up for
# Seconds to take at a time: all there is, if all is well. Who is late gets the rest in
# pieces, as larger ones would take larger arrays, which the allocator then keeps.
_MOST_S = _READ_S + _BLOCK_S
_LATENCY_S = 0.5  # seconds that the driver holds for us when the machine is busy
_RING_S = 5.0  # a window: who falls further behind than that begins anew anyway
_RATES = (48_000, 44_100, 96_000, 32_000, 16_000, 8_000)
_DTYPES = ("float32", "int16")

# PortAudio's codes for what another try with other settings may mend.
_REFUSED = {-9998: "channel count", -9997: "sample rate", -9994: "sample format"}
_BUSY = -9985


class Microphone:
    """An input of the sound system, as a source.

    Parameters
    ----------
    device : str
        ``default``, a name, a part of one, or a number from ``genre-daemon devices``.

    Notes
    -----
    It can be entered again after it has ended; the device is then looked up anew, by
    name. Entering raises ``NoMicrophone`` if there is none, and ``AudioError`` with
    the remedy if it cannot be opened.
    """

    live = True

    def __init__(self, device: str = "default") -> None:
        self._wanted = device
        self._device: devices.InputDevice | None = None
        self._stream: Any = None
        self._ring = Ring(1, 1)
        self._rate = 0
        self._called_s = 0.0

    @property
    def name(self) -> str:
        """Name of the device for people; before it was found, what was asked for."""
        return self._wanted if self._device is None else self._device.title

    @property
    def rate(self) -> int:
        """Hertz, the device's own; known once entered."""
        return self._rate

    @property
    def overflows(self) -> int:
        """How often samples were lost since the source was entered."""
        return self._ring.losses

    def __enter__(self) -> Self:
        """Find and open the device."""
        self._stream = portaudio.call(self._open, _OPEN_S, undo=portaudio.close)
        now = time.monotonic()
        self._checked_s, self._idle_s, self._seen = now, 0.0, 0
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the device, so that other programs may use it."""
        stream, self._stream = self._stream, None
        try:
            portaudio.call(lambda: portaudio.close(stream), _CLOSE_S)
        except AudioError as problem:
            logger.warning("microphone %r is not closed yet: %s", self.name, problem)

    def read(self, timeout_s: float) -> Block | None:
        """Wait for a quarter of a second of audio, or for ``timeout_s`` seconds.

        Raises
        ------
        SourceEnded
            If the device was unplugged, or has delivered nothing for ``STALL_S``.
        """
        deadline_s = time.monotonic() + timeout_s
        while self._alive():
            missing_s = _READ_S - self._ring.available / self._rate
            left_s = deadline_s - time.monotonic()
            if min(missing_s, left_s) <= 0:
                break
            # Never much shorter than a block: nothing new comes sooner.
            time.sleep(min(max(missing_s, _BLOCK_S / 2), left_s))
        samples, lost = self._ring.read(round(_MOST_S * self._rate))
        if len(samples):
            return Block(to_float(samples), lost / self._rate)
        if not self._stream.active:
            raise SourceEnded(
                f"the microphone {self.name!r} has gone: was it unplugged?"
            )
        if self._idle_s >= self._patience_s:
            raise SourceEnded(
                f"the microphone {self.name!r} has delivered nothing for "
                f"{self._patience_s:g} s: does the sound server still work?"
            )
        return None

    def _alive(self) -> bool:
        """Return whether samples may still come, and keep count of idle time."""
        now = time.monotonic()
        written = self._ring.written
        if written != self._seen:
            self._seen, self._idle_s = written, 0.0
        else:
            # Bounded, or a process that was itself stopped would blame the device.
            self._idle_s += min(now - self._checked_s, STALL_S / 2)
        self._checked_s = now
        return self._idle_s < self._patience_s and bool(self._stream.active)

    @property
    def _patience_s(self) -> float:
        return STALL_S if self._ring.written else START_S

    def _open(self) -> Any:  # noqa: ANN401 - sounddevice publishes no types
        """Open and start a stream at the device's own settings, or the nearest."""
        device = devices.find(self._wanted, devices.query(fresh=True))
        sd = portaudio.sounddevice()
        refused = ""
        for rate, channels, dtype in _settings(device):
            self._ring = Ring(round(_RING_S * rate), channels, dtype)
            self._rate = rate
            try:
                stream = portaudio.open_input(
                    samplerate=rate,
                    blocksize=round(_BLOCK_S * rate),
                    device=device.index,
                    channels=channels,
                    dtype=dtype,
                    latency=_LATENCY_S,
                    callback=self._take,
                )
            except sd.PortAudioError as error:
                code = error.args[1] if len(error.args) > 1 else 0
                if code not in _REFUSED:
                    raise AudioError(_why(device, error.args[0], code)) from error
                refused = _REFUSED[code]
            else:
                self._device = device
                return stream
        raise AudioError(
            f"the microphone {device.title!r} accepts no {refused} that was tried "
            f"({device.rate} Hz, {device.channels} channels and others): "
            "choose another one of 'genre-daemon devices'"
        )

    def _take(
        self,
        samples: NDArray[np.generic],
        frames: int,
        _time: object,
        flags: Any,  # noqa: ANN401 - sounddevice publishes no types
    ) -> None:
        """Copy what PortAudio hands over; in its thread, so nothing else."""
        now = time.monotonic()
        lost = 0
        if flags.input_overflow and self._ring.written:
            # How much is not told; the clock knows, give or take a block.
            lost = max(1, round((now - self._called_s) * self._rate) - frames)
        self._called_s = now
        self._ring.write(samples, lost)


def _settings(device: devices.InputDevice) -> Iterator[tuple[int, int, str]]:
    """Yield rate, channels and sample format to try, the best first."""
    rates = dict.fromkeys((device.rate, *_RATES))
    counts = dict.fromkeys((min(2, device.channels), 1, device.channels))
    for dtype in _DTYPES:
        for rate in rates:
            for channels in counts:
                yield rate, channels, dtype


def _why(device: devices.InputDevice, text: str, code: int) -> str:
    if code == _BUSY:
        return (
            f"the microphone {device.title!r} is in use by another program: close "
            "that, or set audio.device to another one of 'genre-daemon devices'"
        )
    return f"the microphone {device.title!r} cannot be opened: {text} ({code})"
