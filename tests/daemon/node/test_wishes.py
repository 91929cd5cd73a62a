"""Wishes: obeyed at once, said to be so once they outlast the process."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from genre_daemon.node.commands import Listening, Threshold
from genre_daemon.node.wishes import Wishes

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


def test_without_wishes_it_listens_as_configured(tmp_path: Path) -> None:
    wishes = Wishes(tmp_path / "room.json", 0.4)
    assert wishes.settled()
    assert wishes.wait_for_listening(0.0)
    assert wishes.threshold == 0.4


def test_wishes_outlast_the_process(tmp_path: Path) -> None:
    path = tmp_path / "room.json"
    first = Wishes(path, 0.4)
    first.obey(Threshold(0.75))
    first.obey(Listening(on=False))
    again = Wishes(path, 0.4)
    assert (again.settled(), again.threshold) == (False, 0.75)
    again.obey(Listening(on=True))
    assert Wishes(path, 0.4).listening


def test_the_microphone_closes_before_the_disk_answers_and_off_is_said_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reached, goes_on = threading.Event(), threading.Event()

    def slow(_descriptor: int) -> None:
        reached.set()
        goes_on.wait(30.0)

    monkeypatch.setattr("os.fsync", slow)
    monkeypatch.setattr("genre_daemon.node.wishes._SAVE_S", 30.0)
    wishes = Wishes(tmp_path / "room.json", 0.4)
    asking = threading.Thread(target=wishes.obey, args=(Listening(on=False),))
    asking.start()
    assert reached.wait(30.0)
    assert not wishes.listening
    said: list[bool] = []
    saying = threading.Thread(target=lambda: said.append(wishes.settled()))
    saying.start()
    saying.join(0.2)
    assert said == []
    goes_on.set()
    saying.join(30.0)
    asking.join(30.0)
    assert said == [False]
