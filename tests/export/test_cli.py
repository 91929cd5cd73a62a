"""``genre-export`` as its user meets it: real processes, exit codes, sentences."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from genre_daemon.inference.bundle import SHIPPED

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (sys.executable, "-c", "from genre_export.cli import main; main()")


def run_program(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)], capture_output=True, check=False, text=True
    )


def test_help_is_there_at_once() -> None:
    begin = time.monotonic()
    done = run_program("--help")
    assert time.monotonic() - begin < 3
    assert done.returncode == 0
    for command in ("build", "verify", "show", "bench"):
        assert command in done.stdout


def test_show_prints_what_the_bundle_says_of_itself() -> None:
    shown = json.loads(run_program("show", SHIPPED).stdout)
    assert len(shown["labels"]) == 11
    assert shown["spec"]["patch_frames"] == 216
    assert shown["spec"]["chunk_frames"] <= 216


def test_bench_times_a_hop() -> None:
    done = run_program("bench", SHIPPED, "--runs", "10", "--json")
    timing = json.loads(done.stdout)
    assert 0 < timing["median_ms"] <= timing["p95_ms"]


@pytest.mark.parametrize("command", ["show", "bench"])
def test_what_is_no_bundle_gets_a_sentence(command: str, tmp_path: Path) -> None:
    path = tmp_path / "x.tflite"
    path.write_bytes(b"nonsense")
    done = run_program(command, path)
    assert done.returncode == 3
    assert done.stderr.startswith("genre-export: ")
    assert "is not a TensorFlow Lite model" in done.stderr


@pytest.mark.parametrize("command", ["build", "verify"])
def test_what_is_no_run_gets_a_sentence(command: str, tmp_path: Path) -> None:
    rest = (
        [tmp_path, "--out", tmp_path / "x.tflite"]
        if command == "build"
        else [SHIPPED, tmp_path]
    )
    done = run_program(command, *rest)
    assert done.returncode == 2
    assert "is no run folder" in done.stderr.splitlines()[-1]


@pytest.mark.slow
def test_build_and_verify_say_the_same_and_nothing_else(
    run: Path, tmp_path: Path
) -> None:
    bundle = tmp_path / "toy.tflite"
    options = ["--per-genre", "4", "--tuning-steps", "2", "--name", "toy"]
    built = run_program("build", run, "--out", bundle, *options)
    assert built.returncode == 0, built.stderr
    assert "tuning to int8 2/2" in built.stderr
    *figures, last = built.stdout.splitlines()
    assert last == f"bundle {bundle} ({bundle.stat().st_size / 1e3:.0f} kB)"
    verified = run_program("verify", bundle, run)
    assert verified.returncode == 0, verified.stderr
    assert verified.stdout.splitlines() == figures
    assert figures[0] == "same top-1   6 of 6 patches (100.0%)"


@pytest.mark.slow
def test_verify_fails_for_the_model_of_other_music(run: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "other.tflite"
    options = ["--per-genre", "4", "--tuning-steps", "0", "--force"]
    assert run_program("build", run, "--out", bundle, *options).returncode == 0
    swapped = tmp_path / "swapped"
    swapped.mkdir()
    for path in run.iterdir():
        (swapped / path.name).write_bytes(path.read_bytes())
    forget_everything(swapped / "model.keras")
    done = run_program("verify", bundle, swapped)
    assert done.returncode == 1
    assert "same genre on" in done.stderr
    assert "Traceback" not in done.stderr


def forget_everything(path: Path) -> None:
    """Set all weights of a saved network to zero."""
    import keras  # noqa: PLC0415 - takes seconds

    model = keras.saving.load_model(path, compile=False)
    model.set_weights([0 * weight for weight in model.get_weights()])
    model.save(path)
