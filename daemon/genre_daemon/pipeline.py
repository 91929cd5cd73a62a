"""Blocks of audio in, verdicts out: the one loop for files and microphones."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.features.level import LevelMeter
from genre_daemon.features.logmel import LogMel
from genre_daemon.features.patches import Patch, Patches, fill_patch
from genre_daemon.features.resample import Resampler, downmix
from genre_daemon.inference.classifier import Classifier, StreamClassifier
from genre_daemon.messages import Prediction, Segment, Verdict
from genre_daemon.smoothing import Smoother, SmoothingSettings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from genre_daemon.inference.bundle import Bundle


class Pipeline:
    """Everything between a source and a sink, without a clock or I/O.

    Parameters
    ----------
    model : Classifier or Bundle
        A classifier may serve several pipelines; of a bundle, one is made.
    rate : int
        Hertz, of the blocks that will be pushed.
    settings : SmoothingSettings, optional
        By default the bundle's own threshold and the general settings.
    """

    def __init__(
        self,
        model: Classifier | Bundle,
        rate: int,
        settings: SmoothingSettings | None = None,
    ) -> None:
        classifier = model if isinstance(model, Classifier) else Classifier(model)
        info = classifier.info
        self.spec = info.spec
        self.labels = info.labels
        if settings is None:
            settings = SmoothingSettings(
                filter=info.calibration.filter,
                threshold=info.calibration.threshold,
                settle_hops=info.spec.chunk_hops,
            )
        self._resampler = Resampler(rate, info.spec.sample_rate)
        self._logmel = LogMel(info.spec)
        self._patches = Patches(info.spec)
        self._meter = LevelMeter(info.spec.hop_samples)
        self._classifier = StreamClassifier(classifier)
        self.smoother = Smoother(info.labels, settings)
        self.dropped_hops = 0
        """Patches that fell due and were not judged."""
        self._origin_s = 0.0
        self._samples = 0

    def push(
        self, block: NDArray[np.float32], *, judge: bool = True
    ) -> Iterator[Verdict]:
        """Take a block and yield the verdicts that fall due.

        Parameters
        ----------
        block : ndarray, shape (n,) or (n, channels), float32 in [-1, 1]
            At most a hop long, so that the level belongs to the verdict.
        judge : bool
            False to keep up with the audio only: hops that fall due are dropped.

        Yields
        ------
        Verdict
        """
        mono = self._resampler.push(downmix(block))
        if judge:
            yield from self._push_mono(mono)
        else:
            self.dropped_hops += sum(1 for _ in self._patches_of(mono))

    def finish(self) -> Iterator[Verdict]:
        """End the signal: yield what is still due.

        A signal shorter than a patch is judged as if it were played in a loop; one
        shorter than a frame gives nothing.
        """
        yield from self._push_mono(
            self._resampler.push(np.empty(0, np.float32), last=True)
        )
        if not self._patches.started and len(self._patches.frames):
            frames = fill_patch(self._patches.frames, self.spec.patch_frames)
            time_s = self._origin_s + self._samples / self.spec.sample_rate
            yield self._judge(Patch(0, len(frames), frames), time_s)

    def skip(self, seconds: float) -> None:
        """Mark a gap of lost audio: no frame and no patch will span it.

        A gap longer than a patch is an end: what was heard before it says nothing
        about what comes.
        """
        lost = self._samples + round(seconds * self.spec.sample_rate)
        self._origin_s += lost / self.spec.sample_rate
        self._samples = 0
        for stage in (
            self._resampler,
            self._logmel,
            self._patches,
            self._classifier,
            self._meter,
        ):
            stage.reset()
        if seconds > self.spec.patch_s:
            self.smoother.reset()

    def reset(self) -> None:
        """Forget everything but the time, as when what was heard was none."""
        self.skip(0.0)
        self.smoother.reset()

    def _push_mono(self, samples: NDArray[np.float32]) -> Iterator[Verdict]:
        spec = self.spec
        for patch in self._patches_of(samples):
            end_samples = spec.n_fft + (patch.stop - 1) * spec.hop_length
            yield self._judge(patch, self._origin_s + end_samples / spec.sample_rate)

    def _patches_of(self, samples: NDArray[np.float32]) -> Iterator[Patch]:
        self._samples += samples.size
        self._meter.push(samples)
        return self._patches.push(self._logmel.push(samples))

    def _judge(self, patch: Patch, time_s: float) -> Verdict:
        prediction = Prediction(
            time_s=time_s,
            probabilities=self._classifier.push(patch),
            level_dbfs=self._meter.dbfs,
            inference_ms=self._classifier.inference_ms,
            chunks=self._classifier.chunks,
        )
        return self.smoother.push(prediction)


def segments(verdicts: Iterable[Verdict], duration_s: float) -> list[Segment]:
    """Join equal verdicts into segments that cover a recording without a gap.

    Parameters
    ----------
    verdicts : iterable of Verdict, in order
    duration_s : float
        Length of the recording; the last segment ends there.
    """
    runs: list[list[Verdict]] = []
    for verdict in verdicts:
        if runs and runs[-1][0].genre == verdict.genre:
            runs[-1].append(verdict)
        else:
            runs.append([verdict])
    starts = [0.0] + [run[-1].time_s for run in runs[:-1]]
    ends = [*starts[1:], duration_s]
    return [
        Segment(start, end, run[0].genre, _mean_confidence(run))
        for start, end, run in zip(starts, ends, runs, strict=False)
    ]


def _mean_confidence(run: list[Verdict]) -> float:
    return float(np.mean([verdict.confidence for verdict in run]))
