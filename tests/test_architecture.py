"""The house rules that a machine can check."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import genre_daemon

HEAVY = {"tensorflow", "keras", "librosa", "numba", "scipy", "matplotlib", "sklearn"}
MODULES = sorted(
    "genre_daemon." + ".".join(path.relative_to(root).with_suffix("").parts)
    for root in [Path(genre_daemon.__file__).parent]
    for path in root.rglob("*.py")
    if path.stem not in {"__init__", "__main__"}
)


def loaded_after(code: str) -> set[str]:
    """Return the top-level packages that a fresh interpreter holds after some code."""
    program = (
        f"{code}\nimport sys\nprint(*{{m.partition('.')[0] for m in sys.modules}})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(done.stdout.split())


def test_every_module_of_the_daemon_imports_nothing_heavy() -> None:
    assert len(MODULES) > 20
    imports = "\n".join(f"import {module}" for module in MODULES)
    assert loaded_after(imports) & HEAVY == set()


def test_classifying_loads_nothing_heavy() -> None:
    code = (
        "import numpy as np\n"
        "from genre_daemon.inference.bundle import SHIPPED, read_bundle\n"
        "from genre_daemon.pipeline import Pipeline\n"
        "list(Pipeline(read_bundle(SHIPPED), 44100).push(np.ones(300000, 'f4')))"
    )
    assert loaded_after(code) & HEAVY == set()


@pytest.mark.parametrize("program", ["genre_daemon.cli", "genre_daemon.listen"])
def test_help_needs_no_audio_model_or_broker(program: str) -> None:
    loaded = loaded_after(f"import {program}")
    assert loaded & {"sounddevice", "soundfile", "ai_edge_litert", "amqtt"} == set()


def test_what_runs_for_a_year_holds_nothing_that_other_commands_need() -> None:
    # Each is a megabyte or more: of a broker of its own, recordings, the display.
    loaded = loaded_after("import genre_daemon.cli, genre_daemon.running")
    unneeded = {"asyncio", "amqtt", "pydantic", "soundfile", "sounddevice", "rich"}
    assert loaded & unneeded == set()
