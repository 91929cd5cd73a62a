"""An imitation that was made before: whether it can be used."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.imitation.opening import open_imitation

if TYPE_CHECKING:
    from pathlib import Path

SPEC = FeatureSpec()


def test_it_does_not_hear_other_features(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"spec": SPEC.to_json()}))
    with pytest.raises(ConfigError, match="imitates by other features"):
        open_imitation(tmp_path, replace(SPEC, hop_length=256))


def test_a_folder_that_is_none_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="nowhere is no run folder"):
        open_imitation(tmp_path / "nowhere", SPEC)
