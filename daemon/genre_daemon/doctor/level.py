"""What a few seconds of a microphone sound like to somebody who mends them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.doctor.finding import Finding, note, problem, well
from genre_daemon.features.level import LevelMeter

if TYPE_CHECKING:
    from numpy.typing import NDArray

CHECK = "level"

_STILL = 1e-6  # peak to peak; half a step of 16 bits is 1.5e-5
_FULL_SCALE = 0.999
_CLIPPED, _CLIPS = 1e-3, 0.05  # of all samples: now and then, and far too often
_OFFSET = 0.05  # of full scale
_FAINT_DBFS = -75.0  # below the noise of a quiet room through a cheap capsule
_MIXER = "unmute it and raise its gain: alsamixer, F4 (capture)"


def judge(samples: NDArray[np.float32], *, may_be_silent: bool = False) -> Finding:
    """Return what is wrong with a recording, the worst first.

    Parameters
    ----------
    samples : ndarray, shape (n, channels), float32 in [-1, 1], n > 0
        Some seconds of the room.
    may_be_silent : bool
        Whether exact zeros are no fault, as of a loopback that plays nothing.
    """
    mono = samples.mean(axis=1, dtype=np.float32)
    offset = float(mono.mean())
    meter = LevelMeter(mono.size)
    meter.push(mono - np.float32(offset))
    heard = f"{meter.dbfs:.0f} dBFS"
    if not samples.any():
        return (note if may_be_silent else problem)(
            CHECK, "digital silence: every sample is 0", _MIXER
        )
    if np.ptp(samples, axis=0).max() < _STILL:
        return problem(
            CHECK,
            f"stuck: every sample is {offset:.3g}",
            "plug the microphone in again; if that does not help, it is broken",
        )
    clipped = float(np.mean(np.abs(samples) >= _FULL_SCALE))
    if clipped > _CLIPPED:
        return (problem if clipped > _CLIPS else note)(
            CHECK,
            f"{heard}, {clipped:.1%} of the samples clipped",
            "lower its gain (alsamixer, F4) or move it away from the loudspeaker",
        )
    if abs(offset) > _OFFSET:
        return note(
            CHECK,
            f"{heard} around an offset of {offset:.2f} of full scale",
            "try another USB port or microphone",
        )
    if meter.dbfs < _FAINT_DBFS:
        return note(CHECK, f"very quiet: {heard}", f"with music playing, {_MIXER}")
    return well(CHECK, heard)
