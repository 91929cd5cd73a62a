"""Whether what is captured can be a room: the deafness that no driver reports.

A stage without a clock: seconds are counted in samples. A room is never quite still,
so a microphone whose samples do not change is muted or broken; one whose samples
stick to full scale is turned up too far; one that loses audio every few seconds never
gets a whole patch together.
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.sources.source import Block

DEAF_AFTER_S = 10.0
"""Seconds of exact zeros that no room gives. Between songs streams have a few."""

STUCK_S = 3.0
"""Seconds of one value other than zero. Nothing that works gives that."""

MUTED = (
    "digital silence, not one bit moves: unmute the microphone or raise its gain "
    "(alsamixer, F4, or pavucontrol); a loopback that may be silent needs "
    "audio.deaf_after_s = 0"
)
STUCK = (
    "the signal is stuck at one value: unplug the microphone and plug it in again, "
    "or try another one"
)
CLIPPING = (
    "the signal clips all the time: lower the input gain (alsamixer, F4, or "
    "pavucontrol) or move the microphone away from the loudspeaker"
)
LOSING = (
    "audio is lost every few seconds: stop what keeps this machine busy, or try "
    "another USB port or power supply"
)

_FULL_SCALE = 0.999  # of 16 bits the last 33 steps: converters differ in the last few
_CLIPPED_SHARE = 0.05  # of a block; loud records clip, but far less
_CLIPPING_S = 10.0  # time constant of how much of the time blocks are so
_CLIPPING_ON, _CLIPPING_OFF = 0.6, 0.2
_LOSSES, _LOSSES_S = 4, 20.0  # so many in so long leave hardly a window whole
_MENDED_S = 10.0


class SignalHealth:
    """How a live source is, from what it gives.

    Parameters
    ----------
    rate : int > 0
        Hertz.
    deaf_after_s : float >= 0
        Seconds of exact zeros that are a fault; with 0 they never are.
    """

    def __init__(self, rate: int, deaf_after_s: float = DEAF_AFTER_S) -> None:
        self._rate = rate
        self._deaf_after_s = deaf_after_s or float("inf")
        self._time_s = 0.0
        self._value: NDArray[np.float32] | None = None  # of each channel, if constant
        self._constant_s = 0.0
        self._clipping = 0.0
        self._clips = False
        self._losses: deque[float] = deque(maxlen=_LOSSES)
        self._loses = False

    @property
    def problem(self) -> str:
        """What is wrong and what to do, as one of this module's texts; or nothing."""
        if self._value is not None:
            if not self._value.any():
                return MUTED if self._constant_s >= self._deaf_after_s else ""
            if self._constant_s >= STUCK_S:
                return STUCK
        if self._clips:
            return CLIPPING
        return LOSING if self._loses else ""

    def push(self, block: Block) -> None:
        """Take a block as it was captured, before anything is mixed or resampled."""
        self._note_loss(block.lost_s)
        if len(block.samples):
            samples = block.samples.reshape(len(block.samples), -1)
            length_s = len(samples) / self._rate
            self._time_s += length_s
            self._note_constant(samples, length_s)
            self._note_clipping(samples, length_s)

    def _note_loss(self, lost_s: float) -> None:
        if lost_s:
            self._time_s += lost_s
            self._losses.append(self._time_s)
        if len(self._losses) == _LOSSES:
            self._loses |= self._time_s - self._losses[0] <= _LOSSES_S
        if self._loses and self._time_s - self._losses[-1] > _MENDED_S:
            self._loses = False
            self._losses.clear()

    def _note_constant(self, samples: NDArray[np.float32], length_s: float) -> None:
        value = samples[0].copy()
        # All channels: of a stereo input with a mono plug, one is always dead.
        # The last sample alone nearly always tells, and costs nothing.
        if (samples[-1] != value).any() or (samples != value).any():
            self._value = None
        elif self._value is not None and np.array_equal(value, self._value):
            self._constant_s += length_s
        else:
            self._value, self._constant_s = value, length_s

    def _note_clipping(self, samples: NDArray[np.float32], length_s: float) -> None:
        share = 0.0
        if samples.max() >= _FULL_SCALE or samples.min() <= -_FULL_SCALE:
            share = float(np.mean(np.abs(samples) >= _FULL_SCALE, axis=0).max())
        weight = min(1.0, length_s / _CLIPPING_S)
        self._clipping += weight * ((share >= _CLIPPED_SHARE) - self._clipping)
        limit = _CLIPPING_OFF if self._clips else _CLIPPING_ON
        self._clips = self._clipping >= limit
