"""The genres by YAMNet's ears: a logistic regression on its embeddings.

YAMNet is shown the labelled windows, made to sound again (:mod:`genre_train.sounding`),
and a linear classifier learns the genres from what it makes of them. It is wrong about
other music than a network that was trained on the windows themselves, which has never
heard any else: that makes it worth asking.

References
----------
J. Pons and X. Serra, "musicnn: pre-trained convolutional neural networks for music
audio tagging", ISMIR late-breaking demo, 2019 (linear classifiers on embeddings).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import joblib
import numpy as np

from genre_train.cache import default_cache
from genre_train.progress import progress
from genre_train.sounding import sound_again
from genre_train.yamnet import SAMPLE_RATE

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.features.spec import FeatureSpec
    from genre_train.dataset import Windows
    from genre_train.yamnet import Yamnet

_MOST = 1000  # windows, spread over all: each takes a third of a second
_INVERSE_REGULARISATION = 0.003  # chosen on valid, where 0.001 to 0.01 are alike


class YamnetHead:
    """A classifier of YAMNet's embeddings.

    Parameters
    ----------
    windows : Windows
        Labelled, to learn from.
    n_genres : int
        Labels of ``windows`` are below.
    yamnet : Yamnet
    spec : FeatureSpec
        Of the windows.
    """

    def __init__(
        self, windows: Windows, n_genres: int, yamnet: Yamnet, spec: FeatureSpec
    ) -> None:
        chosen = np.unique(
            np.linspace(0, len(windows) - 1, min(len(windows), _MOST)).astype(np.int64)
        )
        memory = joblib.Memory(default_cache().parent / "yamnet", verbose=0)
        embed = memory.cache(_embed_window, ignore=["yamnet"])
        embeddings = []
        with progress("labelled windows", len(chosen)) as step:
            for index in chosen:
                embeddings.append(embed(windows.patches[index], spec, yamnet))
                step(str(windows.track[index]))
        self._n_genres = n_genres
        self._model = _regression().fit(
            _compressed(np.stack(embeddings)), windows.genre[chosen]
        )

    def ask(self, embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return probabilities of the genres.

        Parameters
        ----------
        embeddings : ndarray, shape (n, 1024)
            Each the mean over a window.

        Returns
        -------
        ndarray, shape (n, n_genres), float32
        """
        said = np.zeros((len(embeddings), self._n_genres), np.float32)
        said[:, self._model.classes_] = self._model.predict_proba(
            _compressed(embeddings)
        )
        return said


def _embed_window(
    patch: NDArray[np.float32], spec: FeatureSpec, yamnet: Yamnet
) -> NDArray[np.float32]:
    heard = yamnet.embed(sound_again(patch, spec, SAMPLE_RATE))
    return np.asarray(heard.mean(axis=0, dtype=np.float32))


def _compressed(embeddings: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return square roots: embeddings are rectified, and few are large."""
    return np.sqrt(embeddings)


def _regression() -> Any:  # noqa: ANN401 - scikit-learn is untyped
    from sklearn.linear_model import LogisticRegression  # noqa: PLC0415 - slow
    from sklearn.pipeline import make_pipeline  # noqa: PLC0415
    from sklearn.preprocessing import StandardScaler  # noqa: PLC0415

    return make_pipeline(
        StandardScaler(),
        LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=2000),
    )
