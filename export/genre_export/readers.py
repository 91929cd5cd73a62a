"""Which layers of a network read what another one gives."""

from __future__ import annotations

from typing import Any


def readers(model: Any) -> dict[str, list[Any]]:  # noqa: ANN401 - keras is untyped
    """Return the layers that read each layer's output, by the name of that layer."""
    names = {id(layer.output): layer.name for layer in model.layers}
    found: dict[str, list[Any]] = {layer.name: [] for layer in model.layers}
    for layer in model.layers:
        if kind(layer) != "InputLayer":
            read = layer.input if isinstance(layer.input, list) else [layer.input]
            for tensor in read:
                found[names[id(tensor)]].append(layer)
    return found


def kind(layer: Any) -> str:  # noqa: ANN401 - keras is untyped
    """Return what a layer is called in Keras."""
    return type(layer).__name__
