"""The 57 summary features of a recording, as the well-known GTZAN table has them.

Mean and variance over time of chroma, RMS level, spectral centroid, bandwidth and
roll-off, zero crossings, the harmonic and the percussive part and MFCC 1 to 20, and
the tempo. Every number is librosa's default: 22 050 Hz, windows of 2048 samples, hop
512, centred frames, 128 mel bands. Means of the harmonic and percussive part are those
of the waveform, hence almost nought: they are in the table, so they are kept.

References
----------
G. Tzanetakis and P. Cook, "Musical genre classification of audio signals", IEEE
Trans. Speech Audio Process. 10(5), 2002, for the recordings and the idea; the table
``features_30_sec.csv`` that is passed around with them, for the definition.
B. McFee et al., "librosa: audio and music signal analysis in Python", SciPy 2015.
D. Fitzgerald, "Harmonic/percussive separation using median filtering", DAFx 2010.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import AudioError
from genre_daemon.features.resample import Resampler, downmix
from genre_daemon.sources.audiofile import open_audio

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

RATE = 22_050
"""Hertz that every recording is brought to."""
PIECE_SAMPLES = 3 * RATE
"""Samples of a 3 s piece."""

_N_MFCC = 20
_SHORTEST = 4_096  # samples; librosa's tempo and separation need a few frames


def _names() -> tuple[str, ...]:
    spread = (
        "chroma_stft",
        "rms",
        "spectral_centroid",
        "spectral_bandwidth",
        "rolloff",
        "zero_crossing_rate",
        "harmony",
        "perceptr",
    )
    cepstra = tuple(f"mfcc{number}" for number in range(1, _N_MFCC + 1))
    pairs = [[f"{name}_{of}" for of in ("mean", "var")] for name in spread + cepstra]
    flat = [name for pair in pairs for name in pair]
    return (*flat[: 2 * len(spread)], "tempo", *flat[2 * len(spread) :])


FEATURES: tuple[str, ...] = _names()
"""The columns of the table, in its order."""


def read_samples(path: Path) -> NDArray[np.float32]:
    """Decode a recording to mono at 22 050 Hz, shape (n,), float32.

    Raises
    ------
    AudioError
        If it cannot be decoded.
    """
    with open_audio(path) as (rate, blocks):
        resampler = Resampler(rate, RATE)
        parts = [resampler.push(downmix(block)) for block in blocks]
    parts.append(resampler.push(np.empty(0, np.float32), last=True))
    return np.concatenate(parts)


def summarise(samples: NDArray[np.float32]) -> NDArray[np.float64]:
    """Compute the 57 features of a recording or a piece of one.

    Parameters
    ----------
    samples : ndarray, shape (n,), float32 in [-1, 1]
        Mono at 22 050 Hz, at least 4096 samples.

    Returns
    -------
    ndarray, shape (57,), float64
        In the order of ``FEATURES``.

    Raises
    ------
    AudioError
        If there are too few samples.
    """
    if len(samples) < _SHORTEST:
        raise AudioError(
            f"{len(samples)} samples are too few for summary features: at least "
            f"{_SHORTEST} ({1e3 * _SHORTEST / RATE:.0f} ms) are needed"
        )
    import librosa  # noqa: PLC0415 - takes seconds

    feature = librosa.feature
    transform = librosa.stft(samples)
    magnitude = np.abs(transform)
    power = magnitude**2
    parts = librosa.decompose.hpss(transform)
    harmonic, percussive = (
        librosa.istft(part, length=len(samples), dtype=np.float32) for part in parts
    )
    mel_db = librosa.power_to_db(feature.melspectrogram(S=power, sr=RATE))
    tracks = (
        feature.chroma_stft(S=power, sr=RATE),
        feature.rms(y=samples),
        feature.spectral_centroid(S=magnitude, sr=RATE),
        feature.spectral_bandwidth(S=magnitude, sr=RATE),
        feature.spectral_rolloff(S=magnitude, sr=RATE),
        feature.zero_crossing_rate(samples),
        harmonic,
        percussive,
    )
    tempo = librosa.beat.beat_track(y=samples, sr=RATE)[0]
    cepstra = feature.mfcc(S=mel_db, n_mfcc=_N_MFCC)
    return np.array(
        [
            *_mean_and_variance(tracks),
            float(np.squeeze(tempo)),
            *_mean_and_variance(tuple(cepstra)),
        ]
    )


def _mean_and_variance(tracks: tuple[NDArray[np.floating], ...]) -> list[float]:
    return [float(value) for track in tracks for value in (track.mean(), track.var())]


def pieces_of(samples: NDArray[np.float32]) -> list[NDArray[np.float32]]:
    """Cut a recording into pieces of 3 s that do not overlap; a shorter rest is lost.

    A recording shorter than one piece is a piece of its own.
    """
    count = len(samples) // PIECE_SAMPLES
    if not count:
        return [samples]
    return np.split(samples[: count * PIECE_SAMPLES], count)
