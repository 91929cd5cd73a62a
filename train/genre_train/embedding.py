"""Ask other networks about recordings and labelled windows, and write what they say.

Recordings are heard as they are. Of a labelled window only the log-mel frames are at
hand, so it is made to sound again first (:mod:`genre_train.sounding`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from genre_train.durable import require_place
from genre_train.embeddings import HOP_S, WINDOW_S, Embeddings, name_of, scores_of
from genre_train.musicnn import SAMPLE_RATE, Musicnn
from genre_train.nomusic import FREE_MUSIC, MUSIC, list_sources
from genre_train.parallel import spread
from genre_train.samples import read_samples
from genre_train.sounding import sound_again
from genre_train.yamnet import Yamnet

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    import numpy as np
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.dataset import DataSet
    from genre_train.embeddings import Rows
    from genre_train.noises import Samples
    from genre_train.tagger import Tagger


@dataclass(frozen=True)
class Recording:
    """A file to be heard."""

    name: str
    path: Path

    def samples(self) -> Samples:
        """Decode it."""
        return read_samples(self.path, SAMPLE_RATE)


@dataclass(frozen=True)
class Window:
    """A labelled window to be heard."""

    patch: NDArray[np.float32]
    spec: FeatureSpec

    @property
    def name(self) -> str:
        """By its content."""
        return name_of(self.patch)

    def samples(self) -> Samples:
        """Make it sound again."""
        return sound_again(self.patch, self.spec, SAMPLE_RATE)


@dataclass(frozen=True)
class Embedded:
    """What was said of a sound."""

    name: str
    rows: Rows


def make_embeddings(folder: Path, data: DataSet, out: Path, jobs: int) -> str:
    """Embed the music of a data folder and the windows of a data set.

    What is held out is embedded, too, for a training on everything. No label is used.

    Raises
    ------
    ConfigError
        If a teacher or recordings are missing, or the file cannot be written.
    AudioError
        If a recording cannot be decoded.
    """
    require_place(out, ".npz")
    yamnet = folder / "yamnet" / "yamnet.tflite"
    _taggers(yamnet)  # complain before the work begins
    recordings = [
        Recording(source.name, source.path)
        for source in list_sources(folder, (MUSIC, FREE_MUSIC))
        if source.path is not None
    ]
    windows = [
        Window(patch, data.spec)
        for side in (data.train, data.valid)
        for patch in side.patches
    ]
    if jobs > 1:
        # Numba then compiles its part of librosa in one process. Several that write it
        # to the same cache at once can leave what crashes all who read it later.
        _embed(windows[0], yamnet)
    found = spread(
        functools.partial(_embed, yamnet=yamnet),
        [*recordings, *windows],
        title="embeddings",
        jobs=jobs,
    )
    Embeddings({one.name: one.rows for one in found}).save(out)
    return (
        f"{out}: {len(recordings)} recordings and {len(windows)} labelled windows, "
        "heard by musicnn and YAMNet"
    )


def _embed(sound: Recording | Window, yamnet: Path) -> Embedded:
    samples, rows = sound.samples(), {}
    for name, tagger in _taggers(yamnet).items():
        told = tagger.hear(samples, WINDOW_S, HOP_S)
        rows[name], rows[scores_of(name)] = told.embeddings, told.scores
    count = min(map(len, rows.values()))
    return Embedded(sound.name, {name: row[:count] for name, row in rows.items()})


@functools.lru_cache(maxsize=1)  # once a process
def _taggers(yamnet: Path) -> Mapping[str, Tagger]:
    return {"musicnn": Musicnn(), "yamnet": Yamnet(yamnet)}
