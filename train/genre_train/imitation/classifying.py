"""A network that names genres by what an imitation hears.

It is the imitation with a classifier at its end, and of the shipped kind: nothing tells
it from a network that was trained on labels alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_train.imitation.probing import Probe, probe
from genre_train.models import DESIGNS, levels, pooled_names, upon

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
        Of which only the seed, the share of windows in a room, and whether the design
        reads every level count here.

    Returns
    -------
    keras.Model
    """
    every_level = DESIGNS[settings.model].every_level
    weights = probe(data, scenery, settings, every_level=every_level)
    return complete(scenery.imitation, weights, every_level=every_level)


def complete(imitation: Any, weights: Probe, *, every_level: bool) -> Any:  # noqa: ANN401 - keras is untyped
    """Return the network of an imitation and a classifier of standardised features."""
    n_labels, usual, spread = len(weights.bias), weights.usual, weights.spread
    model = upon(imitation, n_labels, every_level=every_level)
    n_levels = len(levels(imitation, every=every_level))
    start = 0
    for name in pooled_names(n_levels):
        layer = model.get_layer(f"{name}_depthwise")
        part = slice(start, start + layer.output.shape[-1])
        scale = (1.0 / spread[part]).reshape(1, 1, -1, 1)
        layer.set_weights([scale, -usual[part] / spread[part]])
        start = part.stop
    bias = weights.bias + usual @ weights.kernel
    model.get_layer("logits").set_weights([weights.kernel * spread[:, None], bias])
    return model
