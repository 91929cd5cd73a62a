"""``genre-train`` as its user meets it: real processes, exit codes, sentences."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest
from tests.train.test_arrays import write

if TYPE_CHECKING:
    from pathlib import Path

PROGRAM = (sys.executable, "-c", "from genre_train.cli import main; main()")


def run(*arguments: str | Path, **extra: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*PROGRAM, *map(str, arguments)],
        capture_output=True,
        check=False,
        text=True,
        env={**os.environ, **extra},
    )


def test_help_is_there_at_once() -> None:
    begin = time.monotonic()
    done = run("--help")
    assert time.monotonic() - begin < 3
    assert done.returncode == 0
    assert "fit" in done.stdout
    assert "evaluate" in done.stdout


def touch(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")


def test_data_that_cannot_be_trained_on_get_a_sentence_and_leave_no_run(
    tmp_path: Path,
) -> None:
    touch(tmp_path / "one" / "jazz" / "1.wav")
    for name in ("empty/jazz/1.wav", "empty/rock/cover.jpg"):
        touch(tmp_path / name)
    for name in ("broken/jazz/1.wav", "broken/rock/1.wav"):
        touch(tmp_path / name)
    (tmp_path / "bad.npz").write_bytes(b"")
    for data, message in (
        ("gone", "gone is no folder"),
        ("one", "only 'jazz'"),
        ("empty", "rock holds no audio file"),
        ("broken", "none of the files of the genre 'jazz'"),
        ("bad.npz", "cannot read the arrays file"),
    ):
        done = run("fit", tmp_path / data, "--out", tmp_path / "run")
        assert done.returncode == 2, done.stderr
        last = done.stderr.splitlines()[-1]
        assert last.startswith("genre-train: ")
        assert message in last
        assert "Traceback" not in done.stderr
        assert not (tmp_path / "run").exists()


def test_a_run_never_writes_over_another(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "config.json").write_text("{}")
    done = run("fit", write(tmp_path / "x.npz"), "--out", tmp_path / "run")
    assert done.returncode == 2
    assert "never writes over another one" in done.stderr


def test_evaluating_what_is_no_run(tmp_path: Path) -> None:
    done = run("evaluate", tmp_path)
    assert done.returncode == 2
    assert "is no run folder" in done.stderr


@pytest.mark.slow
def test_several_runs_are_scored_at_once_only_under_conditions(tmp_path: Path) -> None:
    done = run("evaluate", tmp_path / "one", tmp_path / "two")
    assert done.returncode == 2
    assert f"{tmp_path / 'two'} is one too many" in done.stderr


@pytest.mark.slow
def test_only_conditions_are_written_into_a_bundle(tmp_path: Path) -> None:
    done = run("evaluate", tmp_path / "run", "--into", tmp_path / "known.tflite")
    assert done.returncode == 2
    assert "--into goes with --conditions" in done.stderr


def test_fit_leaves_a_run_that_evaluate_scores_alike(tmp_path: Path) -> None:
    arrays, folder = write(tmp_path / "x.npz"), tmp_path / "run"
    done = run("fit", arrays, "--out", folder, "--epochs", "2", "--licence", "mine")
    assert done.returncode == 0, done.stderr
    assert "accuracy" in done.stdout
    assert "epoch 2/2" in done.stderr
    config = json.loads((folder / "config.json").read_text())
    assert config["labels"] == ["jazz", "rock"]
    assert config["settings"]["epochs"] == 2
    assert config["data"]["licence"] == "mine"
    assert config["data"]["counts"]["train"]["tracks"] == 2
    with (folder / "history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]
    with (folder / "split.csv").open() as file:
        assert [tuple(row.values()) for row in csv.DictReader(file)] == [
            ("a.0", "rock", "train"),
            ("b.0", "jazz", "train"),
            ("a.1", "rock", "valid"),
            ("b.1", "jazz", "valid"),
        ]
    stored = json.loads((folder / "metrics.json").read_text())
    again = json.loads(run("evaluate", folder, "--json").stdout)
    assert again.pop("run") == {"state": "finished", "epochs": 2}
    assert again == stored
    assert stored["patch"]["frames"] == 40
    assert stored["patch"]["accuracy"]["n"] == 2
    assert "window" not in stored  # the daemon never hears one as it is
    assert "40 frames (0.9 s), looped" in done.stdout
    assert list(folder.glob("*part*")) == []


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_leaves_a_marked_run_with_a_model(
    tmp_path: Path, number: signal.Signals
) -> None:
    arrays, folder = write(tmp_path / "x.npz"), tmp_path / "run"
    command = ["fit", str(arrays), "--out", str(folder), "--epochs", "100000"]
    with subprocess.Popen(
        [*PROGRAM, *command], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        history = folder / "history.csv"
        deadline = time.monotonic() + 60
        while not history.exists() or history.read_text().count("\n") < 3:
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.send_signal(number)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "of 100000 epochs" in out
    state = json.loads((folder / "state.json").read_text())
    assert state["state"] == "interrupted"
    assert state["epochs"] >= 2
    assert run("evaluate", folder).returncode == 0


@pytest.mark.slow
def test_a_killed_run_says_that_it_has_no_model(tmp_path: Path) -> None:
    arrays, folder = write(tmp_path / "x.npz"), tmp_path / "run"
    command = ["fit", str(arrays), "--out", str(folder), "--epochs", "100000"]
    with subprocess.Popen(
        [*PROGRAM, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 60
        while not (folder / "history.csv").exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        process.kill()
    done = run("evaluate", folder)
    assert done.returncode == 2
    assert "marked 'running' after" in done.stderr
    assert "epochs; the same command goes on with it" in done.stderr
