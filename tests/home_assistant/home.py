"""The test's end of a Home Assistant core that runs in another Python."""

from __future__ import annotations

import json
import os
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).parents[2]
PYTHON = Path(os.environ.get("GENRE_LISTEN_HA_PYTHON", "/nowhere"))
"""A Python that can import ``homeassistant``: ``make test-ha`` makes and names one."""
NO_PYTHON = "no Home Assistant to ask: 'make test-ha' installs one (Python 3.13)"

_PATIENCE_S = 30.0
_ITS_OWN = (
    # Its own start: discovery may arrive while it still sets up the integration.
    "Detected code that calls async_forward_entry_setups",
    # Its own echo: it clears the topic of a device that was cleared.
    "No device components to cleanup",
)


class Home:
    """A Home Assistant core and its configuration folder.

    Parameters
    ----------
    folder : Path
        Configuration folder; kept from one start to the next.
    broker_port : int
    automations : str
        YAML, as it would be pasted.
    """

    def __init__(self, folder: Path, broker_port: int, automations: str = "") -> None:
        self._folder = folder
        self._port = broker_port
        self._process: subprocess.Popen[str] | None = None
        self._log = folder / "home-assistant.log"
        self.tolerated: list[str] = []
        """Complaints that a test provokes."""
        page = free_port()
        (folder / "configuration.yaml").write_text(
            f"http:\n  server_host: 127.0.0.1\n  server_port: {page}\n"
            "automation: !include automations.yaml\n"
        )
        (folder / "automations.yaml").write_text(automations or "[]\n")

    def start(self) -> None:
        """Start, and wait until it is up."""
        self._process = subprocess.Popen(
            [PYTHON, Path(__file__).with_name("core.py"), self._folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log.open("a"),
            text=True,
        )
        self.do("start", broker_port=self._port)

    def stop(self) -> None:
        """Stop; what it knows stays in its folder."""
        if self._process is None:
            return
        try:
            self.do("stop")
        finally:
            self._process.kill()
            self._process.wait()
            self._process = None

    def do(self, action: str, **arguments: object) -> Any:  # noqa: ANN401 - JSON
        """Have something done over there and return the answer."""
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps({"do": action, **arguments}) + "\n")
        process.stdin.flush()
        line = process.stdout.readline()
        if not line:
            pytest.fail(f"Home Assistant died:\n{self.log[-4000:]}")
        reply = json.loads(line)
        if "error" in reply:
            pytest.fail(f"{action}: {reply['error']}\n{self.log[-4000:]}")
        return reply["answer"]

    @property
    def log(self) -> str:
        """Everything that Home Assistant has logged."""
        return self._log.read_text()

    def complaints(self) -> list[str]:
        """Return warnings and errors of the log that could be about us."""
        return [
            line
            for line in self.log.splitlines()
            if line.startswith(("WARNING", "ERROR", "CRITICAL"))
            and ("mqtt" in line or "automation" in line or "template" in line)
            and not any(known in line for known in (*_ITS_OWN, *self.tolerated))
        ]

    def state(self, entity_id: str) -> str | None:
        """Return the state of an entity, None where there is none."""
        state = self.do("states").get(entity_id)
        return None if state is None else str(state["state"])

    def wait_for(self, entity_id: str, state: str | None) -> None:
        """Wait until an entity has a state."""
        wait(lambda: self.state(entity_id) == state, lambda: self.explain(entity_id))

    def explain(self, entity_id: str) -> str:
        """Return what there is, for a test that fails."""
        return (
            f"{entity_id} is {self.do('states').get(entity_id)}, "
            f"known are {sorted(self.do('states'))}\n{self.log[-4000:]}"
        )


def wait(
    condition: Callable[[], object], explain: Callable[[], str] = lambda: ""
) -> None:
    """Wait until something is so, or fail with an explanation."""
    until = time.monotonic() + _PATIENCE_S
    while not condition():
        if time.monotonic() > until:
            pytest.fail(f"did not happen within {_PATIENCE_S:.0f} s: {explain()}")
        time.sleep(0.1)
