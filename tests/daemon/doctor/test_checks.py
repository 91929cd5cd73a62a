"""The checks that need no device and no broker."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile

from genre_daemon.config import Config
from genre_daemon.doctor import (
    certificate,
    clock,
    configuration,
    disk,
    microphone,
    model,
)
from genre_daemon.doctor.examination import examine
from genre_daemon.doctor.finding import State
from genre_daemon.errors import BundleError
from genre_daemon.history.file import connect
from genre_daemon.mqtt.settings import MqttSettings
from genre_daemon.sourcetables import SourceConfig

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_800_000_000.0
DAY = 86_400.0


@pytest.fixture
def config(tmp_path: Path) -> Config:
    """A daemon that keeps its history in a folder that does not exist yet."""
    history = tmp_path / "state" / "room.sqlite3"
    return Config("room", (SourceConfig("room"),), history_path=history)


def test_the_shipped_bundle_judges_noise(config: Config) -> None:
    loaded, cost = model.check(config)
    assert (loaded.state, loaded.check) == (State.WELL, "model")
    assert "11 labels" in loaded.found
    assert "a hop of 1 s takes" in cost.found


def test_a_bundle_that_is_not_there_is_refused(config: Config, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match="cannot read the bundle"):
        list(model.check(replace(config, bundle=tmp_path / "none.tflite")))


def test_a_recording_is_opened_and_may_be_silent(
    config: Config, tmp_path: Path
) -> None:
    path = tmp_path / "pause.wav"
    soundfile.write(path, np.zeros(4 * 22_050), 22_050)
    played = SourceConfig("room", device=str(path))
    (finding,) = microphone.check(replace(config, sources=(played,)))
    assert finding.state is State.WELL
    assert finding.found.endswith("pause.wav: 22050 Hz, 1 channel")


def test_a_recording_that_is_not_there_is_a_problem(
    config: Config, tmp_path: Path
) -> None:
    nothing = SourceConfig("room", device=str(tmp_path / "none.wav"))
    (finding,) = microphone.check(replace(config, sources=(nothing,)))
    assert finding.state is State.PROBLEM
    assert "there is no file" in finding.found


@pytest.mark.parametrize(
    ("cost_s", "state"),
    [(0.002, State.WELL), (0.4, State.NOTE), (0.9, State.PROBLEM)],
)
def test_headroom_is_the_time_left_of_a_hop(cost_s: float, state: State) -> None:
    assert model.judge_cost(cost_s, hop_s=1.0).state is state


@pytest.mark.parametrize(
    ("now_s", "synchronised", "state"),
    [
        (NOW, True, State.WELL),
        (NOW, False, State.NOTE),
        (NOW, None, State.NOTE),
        (0.0, True, State.PROBLEM),
    ],
    ids=["kept right", "free-running", "not told", "1970"],
)
def test_a_clock_is_as_good_as_who_keeps_it(
    now_s: float,
    synchronised: bool | None,  # noqa: FBT001 - a row of the table
    state: State,
) -> None:
    finding = clock.judge(now_s, NOW - 9 * DAY, synchronised=synchronised)
    assert finding.state is state


def test_this_clock_can_be_examined(config: Config) -> None:
    (finding,) = clock.check(config)
    assert finding.found.startswith("20")


@pytest.mark.parametrize(
    ("days", "state"), [(400.0, State.WELL), (20.0, State.NOTE), (0.5, State.NOTE)]
)
def test_a_certificate_is_to_be_renewed_in_time(days: float, state: State) -> None:
    assert certificate.judge(days, "TLSv1.3, certificate trusted").state is state


def test_a_history_to_come_leaves_nothing_behind(config: Config) -> None:
    (finding,) = disk.check(config)
    assert finding.state is not State.PROBLEM
    assert "can be made" in finding.found
    assert config.history_path is not None
    assert not config.history_path.parent.exists()


def test_a_history_in_use_can_be_examined_and_is_not_changed(config: Config) -> None:
    path = config.history_path
    assert path is not None
    path.parent.mkdir()
    with closing(connect(path)) as daemon:
        daemon.execute("INSERT INTO segments VALUES ('room', 1, 2, 'jazz', 0.5, 'm')")
        (finding,) = disk.check(config)
        assert "can be written (1 segments)" in finding.found


def test_a_damaged_history_is_told(config: Config) -> None:
    path = config.history_path
    assert path is not None
    path.parent.mkdir()
    path.write_bytes(b"no database at all, and longer than a header of SQLite" * 9)
    (finding,) = disk.check(config)
    assert finding.state is State.NOTE
    assert "is damaged" in finding.found
    assert path.exists()


def test_a_history_of_another_program_is_told(tmp_path: Path) -> None:
    path = tmp_path / "other.sqlite3"
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE songs (name TEXT)")
    found = {f.check: f for f in examine(None, {"history.path": str(path)})}
    assert found["history"].state is State.PROBLEM
    assert "is no history of this version" in found["history"].found


def test_a_folder_that_is_a_file_cannot_hold_a_history(
    config: Config, tmp_path: Path
) -> None:
    (tmp_path / "state").write_text("in the way")
    (finding,) = disk.check(config)
    assert finding.state is State.PROBLEM
    assert "cannot be written" in finding.found
    assert "history.path" in finding.remedy


@pytest.mark.parametrize(
    ("free_bytes", "state"),
    [(10**9, State.WELL), (10**7, State.NOTE), (1000, State.PROBLEM)],
)
def test_room_on_the_disk_is_judged_by_what_a_history_takes(
    free_bytes: int, state: State
) -> None:
    assert disk.judge_space(free_bytes, "history").state is state


def test_no_history_is_no_problem(config: Config) -> None:
    (finding,) = disk.check(replace(config, history=False))
    assert finding.state is State.WELL


@pytest.mark.parametrize(
    ("mode", "state"), [(0o600, State.WELL), (0o644, State.NOTE), (0o660, State.NOTE)]
)
def test_a_password_is_for_its_owner_alone(
    config: Config, tmp_path: Path, mode: int, state: State
) -> None:
    secret = tmp_path / "password"
    secret.write_text("hunter2")
    secret.chmod(mode)
    mqtt = MqttSettings(username="room", password=secret.read_text())
    found = configuration.check(replace(config, mqtt=mqtt, password_file=secret))
    _, finding = found
    assert finding.state is state
    assert "hunter2" not in repr(finding)


def test_a_bad_configuration_is_the_only_thing_to_mend_first(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[mqtt]\nport = 0\n")
    wrong, rest = examine(path)
    assert wrong.state is State.PROBLEM
    assert "mqtt.port must be a port" in wrong.found
    assert rest.found == "was not examined"
