"""From what the user has to what each system is shown.

Levels
------
The arrays hold decibels less the track's mean over its deviation, and a patch of the
daemon is standardised over itself, so that absolute decibels are gone. Where a system
wants them, a unit of deviation is taken as 17 dB, which is typical of music; the
networks do that themselves (``networks.parts.decibels``), the features of pieces here.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.patches import standardise
from genre_daemon.features.spec import FeatureSpec
from genre_train.arrays import load_arrays
from genre_train.features import compute_frames
from genre_train.summary import FEATURES, pieces_of, read_samples, summarise
from genre_train.systems.material import Examples, Material, overlapping
from genre_train.systems.pictures import colour_image, grey_image, resize_frames
from genre_train.systems.piecefeatures import piece_features
from genre_train.systems.recordings import describe_all
from genre_train.systems.table import read_table

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.dataset import DataSet

SIZE = 128
"""Pixels of the side of a spectrogram picture."""
CLIP_FRAMES, CLIPS = 64, 6
"""Frames of a clip, and clips of a 3 s window: 80 % overlap, as 26 of 5 s in 30 s."""

_MFCC = 13  # of the sequence; the usual number for music


@dataclass(frozen=True)
class Sources:
    """What the user has; each system says what it needs.

    Raises
    ------
    ConfigError
        If two paths are of the same kind, or there is none.
    """

    arrays: Path | None = None
    """Log-mel arrays (``.npz``)."""
    table: Path | None = None
    """Table of 57 features (``.csv``)."""
    audio: Path | None = None
    """Folder of recordings."""
    cache: Path | None = None
    """Folder for computed features; by default the user's cache."""
    seed: int = 0
    """Of the split of a folder."""

    @classmethod
    def of(cls, paths: list[Path], cache: Path | None = None, seed: int = 0) -> Sources:
        """Sort paths by kind: ``.npz``, ``.csv``, and folders."""
        kinds: dict[str, Path] = {}
        for path in paths:
            kind = {".npz": "arrays", ".csv": "table"}.get(path.suffix, "audio")
            if kind in kinds:
                raise ConfigError(
                    f"{kinds[kind]} and {path} are both {kind}: give one of a kind"
                )
            if not path.exists():
                raise ConfigError(f"there is no {path} to train on")
            kinds[kind] = path
        if not kinds:
            raise ConfigError("give what to train on with --data")
        return cls(**kinds, cache=cache, seed=seed)


def patches(sources: Sources, *, clips: bool) -> Material:
    """Return log-mel patches, shape (n, frames, 128), each standardised.

    Of arrays, a window of 3 s a track; of a folder, half-overlapping ones of 5 s.

    Parameters
    ----------
    clips : bool
        Cut each window into six clips with 80 % overlap.
    """
    data, where = _load(sources)
    sides = (data.train, data.valid)
    material = Material(
        Examples(
            (np.concatenate([side.patches for side in sides]),),
            np.concatenate([side.genre for side in sides]).astype(np.int64),
            np.concatenate([side.track for side in sides]),
        ),
        np.repeat([False, True], [len(side) for side in sides]),
        data.labels,
        data.split,
        {"arrays" if sources.arrays else "audio": str(where.resolve())},
        data.sha256,
        data.faults,
        data.train.patches.shape[1],
    )
    if not clips:
        return material
    cut = overlapping(material, CLIP_FRAMES, CLIPS)
    top_db = FeatureSpec().top_db
    return cut.showing(
        np.stack([standardise(clip, top_db) for clip in cut.examples.inputs[0]])
    )


def spectrograms(sources: Sources, *, clips: bool) -> Material:
    """Return patches as networks take them, shape (n, frames, 128, 1)."""
    material = patches(sources, clips=clips)
    return material.showing(material.examples.inputs[0][..., None])


def sequences(sources: Sources, *, clips: bool) -> Material:
    """Return MFCC 1 to 13 of every frame, shape (n, frames, 13)."""
    from scipy.fft import dct  # type: ignore[import-untyped] # noqa: PLC0415 - no stubs

    material = patches(sources, clips=clips)
    cepstra = dct(material.examples.inputs[0], axis=-1, norm="ortho")[..., :_MFCC]
    return material.showing(np.ascontiguousarray(cepstra))


def grey_pictures(sources: Sources, *, clips: bool) -> Material:
    """Return spectrograms as grey pictures, shape (n, 128, 128, 1), in [0, 1]."""
    material = patches(sources, clips=clips)
    return material.showing(grey_image(material.examples.inputs[0], SIZE))


def squares(sources: Sources, *, clips: bool) -> Material:
    """Return square mel spectrograms, shape (n, 128, 128): bands by time.

    Of a folder of recordings the whole of each, averaged to 128 columns; of arrays
    their 3 s.
    """
    if sources.audio is not None and sources.arrays is None:
        spec = FeatureSpec()

        def whole(path: Path) -> NDArray[np.float32]:
            return resize_frames(compute_frames(path, spec)[None], SIZE)

        material = describe_all(
            sources.audio,
            f"square-{spec.digest[:8]}",
            whole,
            cache=sources.cache,
            seed=sources.seed,
        )
    else:
        material = patches(sources, clips=clips)
    windows = resize_frames(material.examples.inputs[0], SIZE)
    top_db = FeatureSpec().top_db
    return material.showing(
        np.stack([standardise(window, top_db).T for window in windows])
    )


def summaries(sources: Sources, *, clips: bool) -> Material:  # noqa: ARG001 - one row a track has none
    """Return the 57 features of whole tracks, shape (n, 57)."""
    if sources.table is not None:
        return read_table(sources.table)
    if sources.audio is None:
        raise _needs("a table of features (.csv) or a folder of recordings")

    def whole(path: Path) -> NDArray[np.float32]:
        return summarise(read_samples(path))[None].astype(np.float32)

    return describe_all(
        sources.audio, "summary", whole, cache=sources.cache, seed=sources.seed
    )


def pieces(sources: Sources, *, clips: bool) -> Material:
    """Return features of 3 s pieces: 57 of recordings, 46 of arrays.

    Shape (n, 57) or (n, 46): a log-mel spectrogram no longer holds chroma, RMS level,
    zero crossings, tempo and the two parts.
    """
    if sources.audio is None or sources.arrays is not None:
        material = patches(sources, clips=clips)
        return material.showing(piece_features(material.examples.inputs[0]))

    def every(path: Path) -> NDArray[np.float32]:
        rows = [summarise(piece) for piece in pieces_of(read_samples(path))]
        return np.array(rows, np.float32)

    return describe_all(
        sources.audio, "pieces", every, cache=sources.cache, seed=sources.seed
    )


def pictures_and_summaries(sources: Sources, *, clips: bool) -> Material:
    """Return colour pictures (n, 128, 128, 3) and the 57 features of their track."""
    shown = patches(sources, clips=clips)
    known = summaries(sources, clips=False)
    row = {track: i for i, track in enumerate(known.examples.track.tolist())}
    lost = sorted(set(shown.examples.track.tolist()) - row.keys())
    if lost:
        raise ConfigError(
            f"the track {lost[0]!r} of {next(iter(shown.paths.values()))} has no "
            f"row of {len(FEATURES)} features: give a table and arrays of the same "
            "tracks"
        )
    rows = np.array([row[track] for track in shown.examples.track.tolist()])
    both = hashlib.sha256((shown.sha256 + known.sha256).encode()).hexdigest()
    material = replace(shown, paths=shown.paths | known.paths, sha256=both)
    return material.showing(
        colour_image(shown.examples.inputs[0], SIZE), known.examples.inputs[0][rows]
    )


def _load(sources: Sources) -> tuple[DataSet, Path]:
    if sources.arrays is not None:
        return load_arrays(sources.arrays), sources.arrays
    from genre_train.loading import DataSettings, load  # noqa: PLC0415

    if sources.audio is None:
        raise _needs("log-mel arrays (.npz) or a folder of recordings")
    settings = DataSettings(sources.audio, seed=sources.seed, cache=sources.cache)
    return load(settings), sources.audio


def _needs(what: str) -> ConfigError:
    return ConfigError(f"this system needs {what}: give it with --data")
