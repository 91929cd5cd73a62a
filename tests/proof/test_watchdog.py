"""The watchdog of chaos expects what the service asks for."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.proof import watchdog
from tests.proof.watchdog import WATCHDOG_S, Watchdog

from genre_daemon.notify import Notifier

if TYPE_CHECKING:
    import pytest

SERVICE = Path(__file__).parents[2] / "systemd" / "genre-listen.service"


def test_it_waits_as_long_as_the_service_does() -> None:
    assert re.findall(r"^WatchdogSec=(\d+)$", SERVICE.read_text(), re.MULTILINE) == [
        f"{WATCHDOG_S:.0f}"
    ]


def test_a_sign_of_life_feeds_it_and_another_word_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watchdog, "WATCHDOG_S", 1.0)
    with Watchdog(tmp_path / "notify") as dog:
        daemon = Notifier({"NOTIFY_SOCKET": str(dog.path)})
        until = time.monotonic() + 30.0
        while not dog.expired:
            daemon.status("no microphone was found")
            assert time.monotonic() < until
        while dog.expired:
            daemon.fresh_verdict("jazz")
            assert time.monotonic() < until
