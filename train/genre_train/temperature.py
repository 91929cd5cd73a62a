"""The temperature that makes confidence the probability of being right.

References
----------
C. Guo et al., "On calibration of modern neural networks", ICML 2017.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from genre_daemon.probabilities import softmax
from genre_train.metrics import log_loss

if TYPE_CHECKING:
    from numpy.typing import NDArray

_TEMPERATURES = np.geomspace(0.1, 10.0, 401)


def fit_temperature(logits: NDArray[np.float32], genre: NDArray[np.int64]) -> float:
    """Return the temperature with the lowest log loss, from 0.1 to 10.

    Parameters
    ----------
    logits : ndarray, shape (n, n_labels), float32
        Of windows that the network was not trained on.
    genre : ndarray, shape (n,)

    Notes
    -----
    Which name comes first does not depend on it. Figures of confidence on the same
    windows flatter.
    """
    losses = [log_loss(softmax(logits, float(t)), genre) for t in _TEMPERATURES]
    return round(float(_TEMPERATURES[int(np.argmin(losses))]), 3)
