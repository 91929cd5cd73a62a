"""The backends of Keras: the same command trains with each that is installed."""

from __future__ import annotations

import importlib.util
import json
from typing import TYPE_CHECKING

import pytest
from tests.train.programs import run

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_network_is_trained_with_another_backend(
    collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backend: str
) -> None:
    if importlib.util.find_spec(backend) is None:
        pytest.skip(f"{backend} is not installed: TensorFlow alone comes with [train]")
    monkeypatch.setenv("KERAS_BACKEND", backend)
    folder, cache = tmp_path / "run", tmp_path / "cache"
    done = run("fit", collection, "--out", folder, "--epochs", "1", "--cache", cache)
    assert done.returncode == 0, done.stderr
    config = json.loads((folder / "config.json").read_text())
    assert config["versions"]["keras_backend"] == backend
    scored = run("evaluate", folder, "--json")
    assert scored.returncode == 0, scored.stderr
    assert json.loads(scored.stdout)["patch"]["accuracy"]["n"] > 0
