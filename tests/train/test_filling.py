"""The same cache, whoever computes it and whoever is killed on the way."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from tests.ports import free_port
from tests.train.programs import PATIENCE_S, PROGRAM, kill_when, run, wait_for

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.cache import FeatureCache, file_digest
from genre_train.collection import scan
from genre_train.filling import fill

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SPEC = FeatureSpec()


def content(cache: Path) -> dict[str, bytes]:
    """Return all that a cache keeps, by the names of its files."""
    return {path.name: path.read_bytes() for path in cache.glob("*/*.npy")}


@pytest.fixture(scope="module")
def serial(collection: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache filled in one process."""
    cache = tmp_path_factory.mktemp("serial")
    fill(collection, cache, jobs=1, scheduler=None)
    return cache


def test_several_processes_fill_the_cache_alike(
    collection: Path, serial: Path, tmp_path: Path
) -> None:
    filled = fill(collection, tmp_path, jobs=2, scheduler=None)
    assert (filled.computed, filled.kept) == (18, 0)
    assert content(tmp_path) == content(serial)
    again = fill(collection, tmp_path, jobs=2, scheduler=None)
    assert (again.computed, again.kept) == (0, 18)


def test_the_command_names_what_cannot_be_used(
    collection: Path, tmp_path: Path
) -> None:
    music = tmp_path / "music"
    for genre in ("bells", "drums"):
        (music / genre).mkdir(parents=True)
        (music / genre / "0.wav").symlink_to(collection / genre / "0.wav")
    (music / "drums" / "bad.mp3").write_bytes(b"no music")
    done = run("features", music, "--cache", tmp_path / "c", "--jobs", "1", "--json")
    assert done.returncode == 0, done.stderr
    filled = json.loads(done.stdout)
    assert filled["computed"] == 2
    assert filled["computed_minutes"] == filled["minutes"] > 0
    assert list(filled["unreadable"]) == ["drums/bad.mp3"]


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_killed_at_any_moment_it_goes_on_where_it_was(
    collection: Path, serial: Path, tmp_path: Path, jobs: str
) -> None:
    command = ("features", collection, "--cache", tmp_path, "--jobs", jobs)
    for finished in (1, 7):

        def far_enough(finished: int = finished) -> bool:
            return len(content(tmp_path)) >= finished

        kill_when(far_enough, *command)
    kept = content(tmp_path)
    assert kept.items() <= content(serial).items()
    done = run(*command, "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["kept"] == len(kept)
    assert content(tmp_path) == content(serial)


def test_half_a_file_left_by_a_killed_writer_is_never_believed(
    collection: Path, serial: Path, tmp_path: Path
) -> None:
    cache = FeatureCache(tmp_path, SPEC)
    track = scan(collection)[0]
    place = cache.place(file_digest(track.path))
    place.parent.mkdir()
    whole = content(serial)[place.name]
    place.write_bytes(whole[: len(whole) // 2])
    assert fill(collection, tmp_path, jobs=1, scheduler=None).kept == 0
    assert content(tmp_path) == content(serial)


@contextlib.contextmanager
def cluster(folder: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """Start a real Dask scheduler with two workers that are processes of their own."""
    pytest.importorskip("distributed", reason="distributed is not installed")
    port = str(free_port())
    address = f"tcp://127.0.0.1:{port}"
    scheduler = ("dask_scheduler", "--host", "127.0.0.1", "--port", port)
    worker = ("dask_worker", address, "--no-nanny", "--nthreads", "1")
    with contextlib.ExitStack() as stack:
        processes = []
        for module, *arguments in (scheduler, worker, worker):
            program = f"from distributed.cli.{module} import main; main()"
            process = stack.enter_context(
                subprocess.Popen(
                    [sys.executable, "-c", program, *arguments, "--no-dashboard"],
                    cwd=folder,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )
            )
            stack.callback(process.kill)
            processes.append(process)
        yield address, processes[1:]


def join_both(address: str) -> None:
    """Wait until both workers have joined."""
    import distributed  # noqa: PLC0415 - may not be installed

    with distributed.Client(address, timeout=60, set_as_default=False) as client:  # type: ignore[no-untyped-call]  # it has no types
        client.wait_for_workers(2, timeout=60)


def test_a_dask_cluster_fills_the_cache_alike(
    collection: Path, serial: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    with cluster(tmp_path) as (address, _):
        join_both(address)
        command = ("features", collection, "--cache", cache, "--dask", address)
        done = run(*command, "--json")
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)["computed"] == 18
    assert content(cache) == content(serial)


def test_a_dask_worker_that_is_killed_loses_nothing(
    collection: Path, serial: Path, tmp_path: Path
) -> None:
    cache = tmp_path / "cache"
    with cluster(tmp_path) as (address, workers):
        join_both(address)
        with subprocess.Popen(
            [*PROGRAM, "features", collection, "--cache", cache, "--dask", address],
            stdout=subprocess.DEVNULL,
        ) as process:
            wait_for(lambda: len(content(cache)) >= 1, process)
            os.kill(workers[0].pid, signal.SIGKILL)
            assert process.wait(PATIENCE_S) == 0
    assert content(cache) == content(serial)


def test_a_cluster_that_is_not_there_is_a_sentence(
    collection: Path, tmp_path: Path
) -> None:
    pytest.importorskip("distributed", reason="distributed is not installed")
    with pytest.raises(ConfigError, match=r"no Dask scheduler answers at nonsense://x"):
        fill(collection, tmp_path, jobs=1, scheduler="nonsense://x")
