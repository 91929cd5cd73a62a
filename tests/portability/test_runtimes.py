"""tflite-runtime in an environment of its own says what LiteRT says."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
from tests.portability.verdicts import demo_music, difference, verdicts

PYTHON = Path(
    os.environ.get(
        "GENRE_LISTEN_TFLITE_PYTHON",
        Path(__file__).parents[2] / ".venv-tflite" / "bin" / "python",
    )
)
TOLERANCE = 0.1
"""Of probabilities. Its int8 kernels round otherwise than XNNPACK's, so that a logit is
a step or two away; docs/portability.md has what was measured on real music."""


@pytest.mark.skipif(
    not PYTHON.exists(),
    reason="tflite-runtime is not there: 'make test-tflite-runtime' installs it",
)
def test_tflite_runtime_hears_what_litert_hears(tmp_path: Path) -> None:
    music = [demo_music(tmp_path / "demo.wav", 30.0)]
    found = difference(verdicts(Path(sys.executable), music), verdicts(PYTHON, music))
    assert found.windows > 20
    assert found.other_genres == 0, found
    assert found.probability <= TOLERANCE, found
