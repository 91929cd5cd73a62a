"""Operations of a network, against those counted by hand."""

from __future__ import annotations

import pytest

from genre_train.backend import load_keras
from genre_train.multiplyadds import multiply_adds

pytestmark = pytest.mark.slow


def test_each_kind_of_layer_is_counted() -> None:
    layers = load_keras().layers
    inputs = layers.Input((None, 6, 1))
    x = layers.Conv2D(4, (3, 5), strides=2, padding="same")(inputs)  # 5 by 3
    x = layers.BatchNormalization()(x)
    x = layers.DepthwiseConv2D(3, padding="same")(x)
    x = layers.Conv2D(8, 1)(x)
    x = layers.Dense(3)(layers.GlobalAveragePooling2D()(x))
    model = load_keras().Model(inputs, x)
    stem, depthwise, pointwise, dense = 15 * 4 * 15, 15 * 4 * 9, 15 * 8 * 4, 3 * 8
    assert multiply_adds(model, (10, 6)) == stem + depthwise + pointwise + dense
