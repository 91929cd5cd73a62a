"""What several teachers together think of music that nobody has labelled.

Three kinds of teacher are asked. Networks that were trained on labelled windows know
the genres as the collection means them. YAMNet knows far more music: its embeddings,
classified by the same windows (:mod:`genre_train.yamnethead`), and those of its 521
classes that are genres. Each is asked about a whole recording as well as about a
window, since a genre hardly changes within half a minute and many windows are wrong
about different things. How they are pooled: :mod:`genre_train.opinions`.

References
----------
G. Hinton, O. Vinyals and J. Dean, "Distilling the knowledge in a neural network", 2015.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.patches import fill_patch, standardise
from genre_daemon.features.spec import FeatureSpec
from genre_daemon.inference.classifier import softmax
from genre_daemon.messages import NO_MUSIC
from genre_train.durable import require_place
from genre_train.loading import load_again
from genre_train.nomusic import FREE_MUSIC, MUSIC, list_sources, load_sounds
from genre_train.opinions import Said, as_sure, pool
from genre_train.progress import progress
from genre_train.runs import RunFolder
from genre_train.softlabels import SoftLabels
from genre_train.yamnet import HOP_S, Yamnet
from genre_train.yamnethead import YamnetHead

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from genre_train.dataset import DataSet, Windows
    from genre_train.nomusic import Sound
    from genre_train.yamnet import Heard

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

    YAMNet's embeddings are classified by what the first of the runs was trained on.

    Raises
    ------
    ConfigError
        If something is missing in the folder, a run has no model, two runs do not
        know the same genres by the same features, or the first one's data are gone.
    """
    require_place(out, ".npz")
    networks = _open_all(runs)
    genres, spec = networks[0].genres, networks[0].spec
    yamnet = Yamnet(folder / "yamnet" / "yamnet.tflite")
    indices = _indices(folder / "yamnet" / "yamnet_class_map.csv", genres)
    sounds = load_sounds(list_sources(folder, (MUSIC, FREE_MUSIC)), spec)
    labelled = load_again(RunFolder(runs[0]).config(), None)
    head = YamnetHead(_of_genres(labelled, genres), len(genres), yamnet, spec)
    starts, said, scores = [], [], []
    with progress("opinions", len(sounds)) as step:
        for sound in sounds:
            begins = _starts(sound)
            patches = np.stack([_patch(sound, start, spec) for start in begins])
            assert sound.source.path is not None  # noqa: S101 - music is in files
            heard = yamnet.hear_file(sound.source.path)
            embeddings = np.stack([_mean_of(heard, begin, spec) for begin in begins])
            starts.append(begins)
            said.append(
                Said(
                    np.stack([network.ask(patches) for network in networks]),
                    head.ask(embeddings),
                )
            )
            scores.append(_scores_of(heard.scores, indices))
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


def _open_all(runs: Sequence[Path]) -> list[Network]:
    networks = [Network.open(run) for run in runs]
    known = networks[0].genres, networks[0].spec
    for run, network in zip(runs, networks, strict=True):
        if (network.genres, network.spec) != known:
            raise ConfigError(
                f"{run} knows other genres or features than {runs[0]}: teachers must "
                "agree on what they speak of"
            )
    return networks


def _of_genres(data: DataSet, genres: Sequence[str]) -> Windows:
    """Return the training windows of genres, by their place among these."""
    place = np.array([genres.index(x) if x in genres else -1 for x in data.labels])
    kept = data.train.take(np.flatnonzero(place[data.train.genre] >= 0))
    return replace(kept, genre=place[kept.genre])


def _mean_of(heard: Heard, start: int, spec: FeatureSpec) -> NDArray[np.float32]:
    """Return the mean embedding of the window that begins with a frame."""
    frame_s = spec.hop_length / spec.sample_rate
    first = min(int(start * frame_s / HOP_S), len(heard.embeddings) - 1)
    count = round(_N_FRAMES * frame_s / HOP_S)
    within = heard.embeddings[first : first + count]
    return np.asarray(within.mean(axis=0, dtype=np.float32))


def _scores_of(
    scores: NDArray[np.float32], indices: list[list[int]]
) -> NDArray[np.float32]:
    return np.array([max(scores[some], default=0.0) for some in indices], np.float32)
