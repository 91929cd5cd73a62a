"""A network that names genres by what an imitation hears.

It is the imitation with a classifier at its end, and of the shipped kind: nothing tells
it from a network that was trained on labels alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.imitation.probing import Probe, probe
from genre_train.models import upon

if TYPE_CHECKING:
    from genre_train.batching import Scenery
    from genre_train.dataset import DataSet
    from genre_train.trainsettings import TrainSettings


def classify(data: DataSet, scenery: Scenery, settings: TrainSettings) -> Any:  # noqa: ANN401 - keras is untyped
    """Learn labels by what an imitation hears.

    Parameters
    ----------
    data : DataSet
        Of which the training side is learned from.
    scenery : Scenery
        The imitation, and what is heard beside the labelled windows.
    settings : TrainSettings
        Of which only the seed and the share of windows in a room count here.

    Returns
    -------
    keras.Model
    """
    weights = probe(data, scenery, settings)
    return complete(scenery.imitation, weights)


def complete(imitation: Any, weights: Probe) -> Any:  # noqa: ANN401 - keras is untyped
    """Return the network of an imitation and a classifier.

    The maxima have a bias of their own, by which their usual logits are nought: in int8
    they then have a smaller range, and finer steps.
    """
    half, n_labels = len(weights.kernel) // 2, weights.kernel.shape[1]
    model = upon(imitation, n_labels)
    means, maxima = weights.kernel[:half], weights.kernel[half:]
    usual = weights.usual[half:] @ maxima
    model.get_layer("mean_weights").set_weights([means, weights.bias + usual])
    model.get_layer("peak_weights").set_weights([maxima, -usual])
    return model
