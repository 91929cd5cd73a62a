"""What several teachers together think of music that nobody has labelled.

Two kinds of teacher are asked. Networks that were trained on labelled windows know
the genres as the collection means them; YAMNet knows far more music, and some of the
521 sounds it names are genres. Each is asked about a whole recording as well as about
a window, since a genre hardly changes within half a minute and many windows are wrong
about different things. The opinions are pooled in the logarithm, so that a genre which
one teacher rules out is out.

References
----------
C. Genest and J. V. Zidek, "Combining probability distributions: a critique and an
annotated bibliography", Statistical Science 1(1), 1986 (logarithmic pools).
G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.patches import fill_patch, standardise
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.classifier import softmax
from genre_daemon.messages import NO_MUSIC
from genre_train.durable import require_place
from genre_train.nomusic import FREE_MUSIC, MUSIC, list_sources, load_sounds
from genre_train.progress import progress
from genre_train.runs import RunFolder
from genre_train.softlabels import SoftLabels
from genre_train.yamnet import Yamnet

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.nomusic import Sound

CLASSES = {
    "blues": ("Blues",),
    "classical": ("Classical music", "Opera"),
    "country": ("Country",),
    "disco": ("Disco", "Funk"),
    "hiphop": ("Hip hop music", "Rapping"),
    "jazz": ("Jazz",),
    "metal": ("Heavy metal",),
    "pop": ("Pop music",),
    "reggae": ("Reggae",),
    "rock": ("Rock music", "Punk rock", "Progressive rock", "Rock and roll"),
}
"""Names of AudioSet's classes that mean a genre; of a genre without any, YAMNet has no
opinion."""

_N_FRAMES = 128  # about the three seconds that the networks were trained on
_EACH = 12  # windows of a recording, evenly spaced
_OF_WINDOW = 0.4  # weight of what networks say of the window, against the recording
_OF_YAMNET = 0.5  # weight of YAMNet, against that of the networks together
_FLOOR = 1e-3  # of a network's probability: none is that sure
_LEAST_SCORE = 0.02  # of YAMNet, whose scores are often nought
_OFTEN = 95.0  # percentile of its scores that counts as sure


@dataclass(frozen=True)
class Network:
    """A trained network as a teacher."""

    model: Any
    genres: tuple[str, ...]
    columns: list[int]
    """Where its logits for the genres are; it may know ``no_music``, too."""
    spec: FeatureSpec

    @classmethod
    def open(cls, run: Path) -> Network:
        """Read the network of a run.

        Raises
        ------
        ConfigError
            If it has none, or it was not trained on log-mel patches.
        """
        folder = RunFolder(run)
        config = folder.config()
        if "spec" not in config:
            raise ConfigError(f"{run} was not trained on whole log-mel patches")
        labels = config["labels"]
        genres = tuple(label for label in labels if label != NO_MUSIC)
        columns = [labels.index(genre) for genre in genres]
        spec = FeatureSpec.from_json(config["spec"])
        return cls(folder.load_model(), genres, columns, spec)

    def ask(self, patches: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities of the genres, shape (n, n_genres)."""
        logits = self.model.predict(patches[..., None], verbose=0)
        return softmax(np.asarray(logits, np.float32)[:, self.columns])


def make_soft_labels(folder: Path, runs: Sequence[Path], out: Path) -> str:
    """Ask the teachers about all music of a data folder, and write what they say.

    Raises
    ------
    ConfigError
        If something is missing in the folder, a run has no model, or two runs do not
        know the same genres by the same features.
    """
    require_place(out, ".npz")
    networks = [Network.open(run) for run in runs]
    genres, spec = networks[0].genres, networks[0].spec
    for run, network in zip(runs, networks, strict=True):
        if (network.genres, network.spec) != (genres, spec):
            raise ConfigError(
                f"{run} knows other genres or features than {runs[0]}: teachers must "
                "agree on what they speak of"
            )
    yamnet = Yamnet(folder / "yamnet" / "yamnet.tflite")
    indices = _indices(folder / "yamnet" / "yamnet_class_map.csv", genres)
    sounds = load_sounds(list_sources(folder, (MUSIC, FREE_MUSIC)), spec)
    starts, said, scores = [], [], []
    with progress("opinions", len(sounds)) as step:
        for sound in sounds:
            begins = _starts(sound)
            patches = np.stack([_patch(sound, start, spec) for start in begins])
            starts.append(begins)
            said.append(np.stack([network.ask(patches) for network in networks]))
            assert sound.source.path is not None  # noqa: S101 - music is in files
            scores.append(_of_genres(yamnet.scores(sound.source.path), indices))
            step(sound.source.name)
    pooled = [
        pool(one, sure)
        for one, sure in zip(said, as_sure(np.stack(scores)), strict=True)
    ]
    soft = SoftLabels(
        genres,
        np.repeat([sound.source.name for sound in sounds], _EACH),
        np.concatenate(starts),
        np.concatenate(pooled),
    )
    soft.save(out)
    peak = soft.probabilities.max(axis=1).mean()
    return (
        f"{out}: {len(soft.start)} windows of {len(sounds)} recordings; on average the "
        f"likeliest genre has a probability of {peak:.2f}"
    )


def pool(
    networks: NDArray[np.float32], yamnet: NDArray[np.float32]
) -> NDArray[np.float32]:
    """Pool what is said of the windows of one recording.

    Parameters
    ----------
    networks : ndarray, shape (n_networks, n_windows, n_genres)
        Probabilities.
    yamnet : ndarray, shape (n_genres,)
        How sure YAMNet is of each genre, in [0, 1].

    Returns
    -------
    ndarray, shape (n_windows, n_genres), float32
        Probabilities.
    """
    of_window = np.log(np.maximum(networks, _FLOOR)).mean(axis=0)
    of_recording = of_window.mean(axis=0)
    together = _OF_WINDOW * of_window + (1.0 - _OF_WINDOW) * of_recording
    told = _OF_YAMNET * np.log(np.maximum(yamnet, _LEAST_SCORE))
    return softmax(np.asarray(together + told, np.float32))


def as_sure(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale scores to [0, 1] by genre: YAMNet is louder about some than about others.

    Parameters
    ----------
    scores : ndarray, shape (n_recordings, n_genres)
        A genre without classes has scores of nought throughout; as nothing is known
        of it, all of its recordings count as sure.
    """
    often = np.percentile(scores, _OFTEN, axis=0)
    scaled = np.minimum(scores / np.maximum(often, np.finfo(np.float32).tiny), 1.0)
    return np.asarray(np.where(often > 0, scaled, 1.0), np.float32)


def _starts(sound: Sound) -> NDArray[np.int64]:
    last = max(len(sound.frames) - _N_FRAMES, 0)
    return np.linspace(0, last, _EACH).astype(np.int64)


def _patch(sound: Sound, start: int, spec: FeatureSpec) -> NDArray[np.float32]:
    frames = fill_patch(sound.frames[start : start + _N_FRAMES], _N_FRAMES)
    return standardise(frames, spec.top_db)


def _indices(path: Path, genres: Sequence[str]) -> list[list[int]]:
    """Return which of YAMNet's classes mean each genre."""
    try:
        with path.open(newline="", encoding="utf-8") as file:
            rows = {
                row["display_name"]: int(row["index"]) for row in csv.DictReader(file)
            }
        return [[rows[name] for name in CLASSES.get(genre, ())] for genre in genres]
    except (OSError, KeyError, ValueError) as error:
        raise ConfigError(
            f"cannot read YAMNet's classes from {path}: {error}"
        ) from error


def _of_genres(
    scores: NDArray[np.float32], indices: list[list[int]]
) -> NDArray[np.float32]:
    return np.array([max(scores[some], default=0.0) for some in indices], np.float32)
