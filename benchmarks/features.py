"""Log-mel of a second: ours, librosa's, and the FFT that neither can do without."""

from __future__ import annotations

from typing import TYPE_CHECKING

import librosa
import numpy as np
from benchmarks.measure import Settings, in_turn, ratio
from benchmarks.music import second
from benchmarks.rows import Row, at_most
from numpy.lib.stride_tricks import sliding_window_view

from genre_daemon.features.logmel import LogMel, hann
from genre_daemon.features.spec import FeatureSpec

if TYPE_CHECKING:
    from collections.abc import Iterator


def rows(settings: Settings) -> Iterator[Row]:
    """Compare the three in turn."""
    spec, y = FeatureSpec(), second(0)
    stage = LogMel(spec)
    stage.push(y)
    # As many windows as a second completes once the stage is under way.
    frames = len(stage.push(y))
    signal = np.resize(y, spec.n_fft + (frames - 1) * spec.hop_length)
    windows = sliding_window_view(signal, spec.n_fft)[:: spec.hop_length]
    windowed = windows * hann(spec.n_fft)
    ours, theirs, fft = in_turn(
        lambda: stage.push(y),
        lambda: librosa.feature.melspectrogram(
            y=y,
            sr=spec.sample_rate,
            n_fft=spec.n_fft,
            hop_length=spec.hop_length,
            n_mels=spec.n_mels,
            center=False,
        ),
        lambda: np.fft.rfft(windowed, axis=1),
        repeats=settings.repeats,
    )
    what = "streaming log-mel of 1 s"
    yield Row(
        what,
        "librosa melspectrogram of 1 s",
        ratio(ours, theirs),
        at_most(1 / 3, "1/3"),
    )
    yield Row(what, f"its {frames} FFTs alone", ratio(ours, fft))
