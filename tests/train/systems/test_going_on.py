"""A training that is stopped goes on where it was."""

from __future__ import annotations

import csv
import signal
from typing import TYPE_CHECKING

import pytest

from genre_daemon.errors import ConfigError
from genre_train.runs import FINISHED, INTERRUPTED
from genre_train.systems import experiment, protocol
from genre_train.systems.experiment import Settings, run_experiment
from genre_train.systems.record import recorder

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from genre_train.runs import RunFolder
    from genre_train.systems.inputs import Sources
    from genre_train.systems.protocol import SystemEpoch

pytestmark = pytest.mark.slow


def interrupting_after(
    epoch: int,
) -> Callable[[RunFolder, Callable[[str], None]], Callable[[SystemEpoch], None]]:
    """Return a recorder that sends this process a Ctrl-C."""

    def make(
        folder: RunFolder, step: Callable[[str], None]
    ) -> Callable[[SystemEpoch], None]:
        write = recorder(folder, step)

        def record(now: SystemEpoch) -> None:
            write(now)
            if now.epoch == epoch:
                signal.raise_signal(signal.SIGINT)

        return record

    return make


def test_ctrl_c_keeps_a_model_and_the_same_command_goes_on(
    sources: Sources, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(protocol, "_SAVE_EVERY_S", 0.0)
    settings = Settings("feature-mlp", epochs=6)
    with monkeypatch.context() as stopping:
        stopping.setattr(experiment, "recorder", interrupting_after(4))
        run = run_experiment(sources, settings, tmp_path / "run")
    assert run.state() == {"state": INTERRUPTED, "epochs": 4}
    run.load_model()
    with pytest.raises(ConfigError, match="unfinished run whose 'epochs' was 6, not 9"):
        run_experiment(sources, Settings("feature-mlp", epochs=9), run.path)
    run_experiment(sources, settings, run.path)
    assert run.state() == {"state": FINISHED, "epochs": 6}
    with (run.path / "history.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == list("123456")
    with pytest.raises(ConfigError, match="never writes over"):
        run_experiment(sources, settings, run.path)
