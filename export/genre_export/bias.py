"""Take out what rounding adds to each logit on average.

Errors of rounding do not cancel: they move the logits of all sounds alike. The bias of
the last layer takes that back.

References
----------
M. Nagel et al., "Data-free quantization through weight equalization and bias
correction", ICCV 2019, section 4.2 (here measured on training chunks).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from genre_train.models import shift_logits
from genre_train.predicting import predict_chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from genre_daemon.inference.classifier import Classifier


def correct_bias(
    tuned: Any,  # noqa: ANN401 - keras is untyped
    classifier: Classifier,
    model: Any,  # noqa: ANN401
    chunks: NDArray[np.float32],
) -> None:
    """Shift the logits of a network so that, rounded, it says on average what it said.

    Parameters
    ----------
    tuned : keras.Model
        What is changed; to be quantised again.
    classifier : Classifier
        The same in int8.
    model : keras.Model
        What it is to say.
    chunks : ndarray, shape (n, chunk_frames, n_mels), float32
        Of the training side.
    """
    rounded = np.stack([classifier.hear(chunk) for chunk in chunks])
    shift_logits(tuned, (predict_chunks(model, chunks) - rounded).mean(axis=0))
