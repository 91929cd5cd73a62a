"""Two networks in one: what was trained on labels, and a probe of an imitation.

Their logits are added. The two have learned from other things and are wrong about
other music, which is what an ensemble takes (two of different seeds gain next to
nothing). For the daemon it is one network that costs twice as much.

References
----------
L. K. Hansen and P. Salamon, "Neural network ensembles", IEEE Transactions on Pattern
Analysis and Machine Intelligence 12(10), 1990.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.backend import load_keras
from genre_train.models import classify, trunk
from genre_train.probing import probe
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.batching import Scenery
    from genre_train.dataset import DataSet
    from genre_train.probing import Probe

_PREFIX = "imitation_"
_WEIGHT = 0.5
"""Of the probe's logits."""


def with_imitation(
    model: Any,  # noqa: ANN401 - keras is untyped
    path: Path,
    data: DataSet,
    scenery: Scenery,
    seed: int,
) -> Any:  # noqa: ANN401
    """Add a probe of an imitation to a network that was trained on labels.

    Parameters
    ----------
    path : Path
        Folder of the imitation.
    data, scenery
        What the network was trained on.
    seed : int
        Of what the probe is shown.

    Returns
    -------
    keras.Model

    Raises
    ------
    ConfigError
        If the imitation is not there, or hears other features.
    """
    imitation = open_imitation(path, data.spec)
    return join(model, imitation, probe(imitation, data, scenery, seed))


def open_imitation(path: Path, spec: FeatureSpec) -> Any:  # noqa: ANN401 - keras is untyped
    """Load an imitation, for a network that hears these features.

    Raises
    ------
    ConfigError
        If there is none, or it hears others.
    """
    folder = RunFolder(path)
    known = FeatureSpec.from_json(folder.config()["spec"])
    if known != spec:
        raise ConfigError(
            f"{path} imitates by other features than those of the labelled music: make "
            "it again with 'genre-train imitate'"
        )
    return folder.load_model()


def join(model: Any, imitation: Any, weights: Probe) -> Any:  # noqa: ANN401 - keras is untyped
    """Return one network of two, which gives the weighted sum of their logits.

    All its layers are new or the first one's; none holds another network.
    """
    keras = load_keras()
    n_labels, half = weights.kernel.shape[1], len(weights.kernel) // 2
    told = classify(trunk(model.input, prefix=_PREFIX), n_labels, prefix=_PREFIX)
    both = keras.layers.Add(name="both_logits")([model.output, told])
    joined = keras.Model(model.input, both, name=f"{model.name}_with_imitation")
    for layer in imitation.layers:
        if layer.weights:
            joined.get_layer(_PREFIX + layer.name).set_weights(layer.get_weights())
    mean = [_WEIGHT * weights.kernel[:half], _WEIGHT * weights.bias]
    joined.get_layer(f"{_PREFIX}mean_weights").set_weights(mean)
    peak = [_WEIGHT * weights.kernel[half:]]
    joined.get_layer(f"{_PREFIX}peak_weights").set_weights(peak)
    return joined
