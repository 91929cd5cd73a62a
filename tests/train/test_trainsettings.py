"""Settings that no network can be trained with are refused at once."""

from __future__ import annotations

from typing import Any

import pytest

from genre_daemon.errors import ConfigError
from genre_train.trainsettings import TrainSettings


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"epochs": 0}, "--epochs must be at least 1, got 0"),
        ({"batch_size": -1}, "--batch-size must be at least 1, got -1"),
        ({"seed": -1}, "--seed must be 0 to"),
        ({"model": "huge"}, "there is no model 'huge': choose one of compact"),
    ],
)
def test_impossible_settings_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainSettings(**changes)
