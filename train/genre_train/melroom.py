"""The room channel for log-mel frames whose audio is not at hand.

In the power domain a room is three things in each band: a gain, a share of sound that
arrives at once, and a tail that decays exponentially. They are fitted to simulated
impulse responses, by way of the daemon's own frames. What is lost is phase: tones that
beat with their own reflections are only right on average.

Conventions
-----------
Batches of shape (n, n_frames, n_mels), float32, decibels of any reference. A window is
taken for a loop, so that its beginning has the reverberation of its end.

References
----------
J.-D. Polack, "La transmission de l'energie sonore dans les salles", 1988: the tail of
a response as noise with an exponential envelope.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from genre_train.augment import equalise
from genre_train.bandwidth import centres_hz, clip
from genre_train.channel import (
    LOUDSPEAKERS,
    MICROPHONES,
    NOISE_SLOPE_DB,
    ROOM_SNR_DB,
    SELF_NOISE_DB,
)
from genre_train.melnoise import add_at_snr, flicker, uniform
from genre_train.rooms import impulse_responses
from genre_train.samples import frames_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.augment import Batch
    from genre_train.channel import Tone
    from genre_train.noises import Samples

    Bands = NDArray[np.float32]

_TAIL_DB = 25.0  # of a response's decay, used to fit the slope
_TAIL_BEGINS = 2  # frames after a sound: the window that holds it is four hops long


@dataclass(frozen=True)
class MelRoom:
    """A room in mel bands; every array has the shape (n_mels,)."""

    gain_db: Bands
    """Of steady sound."""
    direct: Bands
    """Share of the power that arrives within the first window, 0 to 1."""
    kept: Bands
    """Share of the reverberant power that is left one frame later, 0 to 1."""


def fit_room(response: Samples, spec: FeatureSpec) -> MelRoom:
    """Fit the three numbers of each band to an impulse response.

    Parameters
    ----------
    response : ndarray, shape (n,), float32
        From the direct sound on.

    Notes
    -----
    An impulse in the middle of silence gives frames whose powers are the energy that
    arrives in each window. Its own, without a room, is the reference for the gain and
    says which frames the impulse itself lies in.
    """
    lead = np.zeros(spec.n_fft, np.float32)
    end = np.zeros(2 * spec.n_fft, np.float32)
    impulse = np.zeros_like(response)
    impulse[int(np.abs(response).argmax())] = 1.0
    dry, wet = (
        _powers(frames_of(np.concatenate((lead, x, end)), spec), spec)
        for x in (impulse, response)
    )
    last = int(np.flatnonzero(dry.sum(axis=1)).max()) + 1
    gain = wet.sum(axis=0) / dry.sum(axis=0)
    direct = np.clip(wet[:last].sum(axis=0) / wet.sum(axis=0), 0.0, 1.0)
    return MelRoom(
        gain_db=np.asarray(10.0 * np.log10(gain), np.float32),
        direct=np.asarray(direct, np.float32),
        kept=np.asarray(_decays(wet[last:]), np.float32),
    )


def fit_rooms(n: int, spec: FeatureSpec, seed: int = 0) -> list[MelRoom]:
    """Simulate ``n`` rooms and fit each; half a second a room."""
    responses = impulse_responses(n, spec.sample_rate, seed)
    return [fit_room(response, spec) for response in responses]


def reverberate_bands(batch: Batch, rooms: Sequence[MelRoom]) -> Batch:
    """Put each window through its own room.

    Parameters
    ----------
    rooms : sequence of MelRoom
        One for each window.
    """
    n_frames = batch.shape[1]
    direct, kept, gain_db = (
        np.stack([getattr(room, name) for room in rooms])[:, None, :]
        for name in ("direct", "kept", "gain_db")
    )
    lag = np.arange(n_frames)[None, :, None]
    tail = (1.0 - kept) * kept ** np.maximum(lag - _TAIL_BEGINS, 0)
    kernel = (1.0 - direct) * np.where(lag >= _TAIL_BEGINS, tail, 0.0)
    kernel[:, 0] = direct[:, 0]
    # Each window under its own maximum: in double precision 150 dB are left then.
    highest = batch.max(axis=(1, 2), keepdims=True)
    power = 10.0 ** ((batch - highest).astype(np.float64) / 10.0)
    spectrum = np.fft.rfft(power, axis=1) * np.fft.rfft(kernel, axis=1)
    wet = np.fft.irfft(spectrum, n_frames, axis=1)
    level = 10.0 * np.log10(np.maximum(wet, 1e-15)) + gain_db
    return np.asarray(highest + level, np.float32)


def through_room(
    batch: Batch,
    rng: np.random.Generator,
    rooms: Sequence[MelRoom],
    noise: Batch | None = None,
) -> Batch:
    """Put each window through a loudspeaker, a room, noise and a microphone at random.

    Parameters
    ----------
    rooms : sequence of MelRoom
        To draw from.
    noise : ndarray, shape as the batch, optional
        Levels of other sounds in the room, as voices; by default steady noise.
    """
    n = len(batch)
    chosen = [rooms[i] for i in rng.integers(len(rooms), size=n)]
    played = batch + _tones(rng, n, list(LOUDSPEAKERS.values()))
    return _recorded(reverberate_bands(played, chosen), rng, noise)


def through_equipment(batch: Batch, rng: np.random.Generator) -> Batch:
    """Do the same where there is no room to be heard: close by, or out of doors."""
    played = batch + _tones(rng, len(batch), list(LOUDSPEAKERS.values()))
    return _recorded(played, rng)


def _recorded(
    heard: Batch, rng: np.random.Generator, noise: Batch | None = None
) -> Batch:
    """Add the noise there, and what a microphone makes of it all."""
    n, n_frames = len(heard), heard.shape[1]
    if noise is None:
        octaves = np.log2(centres_hz() / 1000.0).astype(np.float32)
        slope = uniform(rng, NOISE_SLOPE_DB, n).astype(np.float32)
        steady = flicker(rng, n, n_frames) - slope[:, None, None] * octaves
        noise = equalise(steady, rng, depth=3.0, knots=6)
    heard = add_at_snr(heard, noise, uniform(rng, ROOM_SNR_DB, n))
    heard += _tones(rng, n, list(MICROPHONES.values()))
    hiss = flicker(rng, n, n_frames)
    return clip(add_at_snr(heard, hiss, uniform(rng, SELF_NOISE_DB, n)))


def _tones(rng: np.random.Generator, n: int, tones: Sequence[Tone]) -> Batch:
    gains = np.stack([tone.at(centres_hz()) for tone in tones]).astype(np.float32)
    return gains[rng.integers(len(tones), size=n)][:, None, :]


def _powers(frames: NDArray[np.float32], spec: FeatureSpec) -> NDArray[np.float64]:
    """Return powers without the floor at which levels are not followed any more."""
    power = 10.0 ** (frames.astype(np.float64) / 10.0)
    return np.where(power <= 1.01 * spec.amin, 0.0, power)


def _decays(tail: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the factor a frame at which the energy still to come falls."""
    left = np.cumsum(tail[::-1], axis=0)[::-1]
    level = 10.0 * np.log10(np.maximum(left, 1e-12) / np.maximum(left[0], 1e-12))
    frames = np.arange(len(tail), dtype=np.float64)[:, None]
    used = level > -_TAIL_DB
    # A line through the origin, over the frames in use of each band.
    slope = (level * frames * used).sum(axis=0) / np.maximum(
        (frames**2 * used).sum(axis=0), 1.0
    )
    return np.where(used.sum(axis=0) > 1, 10.0 ** (slope / 10.0), 0.0)
