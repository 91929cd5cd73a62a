"""The history beside the loop: survives what comes, and is never in the way."""

from __future__ import annotations

import time
from contextlib import closing
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from tests.daemon.history.keeping import (
    NOW_S,
    eventually,
    is_there,
    read,
)

from genre_daemon.history import places as historyplaces
from genre_daemon.history import recorder as module
from genre_daemon.history.file import connect
from genre_daemon.history.places import find_histories, history_path
from genre_daemon.history.recorder import (
    History,
)

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.usefixtures("memory")


def test_verdicts_become_rows(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "attic.sqlite3"
    with History(path, node="attic", model="model 1") as history:
        for i in range(20):
            history.push(NOW_S + i, "jazz" if i < 12 else "pop", 0.5)
    first, second = read(path)
    assert (first.start_s, first.end_s) == (NOW_S - 1, NOW_S + 11)
    assert (second.start_s, second.end_s) == (NOW_S + 11, NOW_S + 19)
    assert (first.genre, second.genre) == ("jazz", "pop")
    assert (first.node, first.model, first.confidence) == ("attic", "model 1", 0.5)


def test_a_segment_is_there_as_soon_as_it_ended(tmp_path: Path) -> None:
    path = tmp_path / "attic.sqlite3"
    with History(path) as history:
        history.push(NOW_S, "jazz", 0.5)
        history.push(NOW_S + 1, "pop", 0.5)
        eventually(lambda: is_there(path))


def writes_of_a_long_segment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> list[float]:
    """Return when the open segment is written, in seconds after its start."""
    written: list[float] = []
    with History(tmp_path / "attic.sqlite3") as history:
        monkeypatch.setattr(
            history._store, "write", lambda rows: written.extend(r.end_s for r in rows)
        )
        for i in range(0, 4 * 3_600, 10):
            history.push(NOW_S + i, "silence", 1.0)
            with history._wake:
                current = history._runs.current
            assert history._attempt(None, [], current)
        before_the_end = len(written)
    return [end_s - NOW_S + 1 for end_s in written[:before_the_end]]


def test_a_long_segment_is_written_rarely(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    after_s = writes_of_a_long_segment(tmp_path, monkeypatch)
    doubled = [60, 120, 240, 480, 960, 1_860]
    assert after_s[:6] == pytest.approx(doubled, rel=0.25)
    assert len(after_s) < 25
    assert all(b - a <= 910 for a, b in pairwise(after_s))


def test_without_a_place_in_memory_it_is_written_every_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("XDG_RUNTIME_DIR")
    after_s = writes_of_a_long_segment(tmp_path, monkeypatch)
    assert all(60 <= b - a <= 70 for a, b in pairwise(after_s))


def test_a_locked_disk_delays_no_hop(tmp_path: Path) -> None:
    path = tmp_path / "attic.sqlite3"
    with History(path) as history, closing(connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        waits_s = []
        for i in range(2_000):
            before = time.perf_counter()
            history.push(NOW_S + i, str(i // 2 % 2), 0.5)
            waits_s.append(time.perf_counter() - before)
        assert sorted(waits_s)[-20] < 0.002
        assert max(waits_s) < 0.5  # however busy the machine
        other.execute("ROLLBACK")
        eventually(lambda: is_there(path, 999))
    assert len(read(path)) == 1_000


def test_what_waits_is_bounded_and_the_loss_is_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_WAITING", 10)
    path = tmp_path / "attic.sqlite3"
    history = History(path)
    for i in range(31):
        history.push(NOW_S + i, str(i % 2), 0.5)
    assert history.lost == 20
    with history:
        pass
    assert read(path)[-1].end_s == NOW_S + 30


def test_a_folder_that_cannot_be_made_stops_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "state").write_text("a file, where a folder should be")
    with History(tmp_path / "state" / "attic.sqlite3") as history:
        history.push(NOW_S, "jazz", 0.5)
    assert history.errors == 1
    assert "listening goes on" in caplog.text


def test_systemd_says_where_a_history_lies(tmp_path: Path) -> None:
    environ = {"STATE_DIRECTORY": f"{tmp_path}:/elsewhere"}
    assert history_path("living-room", environ) == tmp_path / "living-room.sqlite3"
    (tmp_path / "living-room.sqlite3").touch()
    assert find_histories(environ)[0] == tmp_path / "living-room.sqlite3"


def test_without_systemd_it_lies_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    place = tmp_path / ".local/state/genre-listen/attic.sqlite3"
    assert history_path("attic", {}) == place


@pytest.mark.parametrize("there", [True, False])
def test_a_place_that_one_may_not_see_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, there: bool
) -> None:
    link = tmp_path / "genre-listen"
    if there:
        link.symlink_to(tmp_path / "private" / "genre-listen")
    monkeypatch.setattr(historyplaces, "_SYSTEM_PLACES", (link,))
    assert historyplaces.private_places() == [link] * there
