"""genre-listen for scripts: --once, --json and plain lines, over a real broker."""

from __future__ import annotations

import json
import signal
import subprocess
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.voice import Voice, command, kitchen

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["broker", "kitchen"]

pytestmark = pytest.mark.service


@contextmanager
def _start(broker: Broker, *flags: str) -> Iterator[subprocess.Popen[str]]:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        command(broker, *flags), stdout=pipe, stderr=pipe, text=True
    ) as program:
        try:
            yield program
        finally:
            program.kill()  # for nothing, unless a test has failed


def _run(broker: Broker, *flags: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(broker, *flags), capture_output=True, text=True, timeout=30, check=False
    )


@pytest.mark.parametrize(
    ("genre", "code"), [("rock", 0), ("unknown", 0), ("no_music", 1), ("silence", 1)]
)
def test_once_says_by_its_exit_code_whether_music_plays(
    broker: Broker, kitchen: Voice, genre: str, code: int
) -> None:
    kitchen.hear(genre)
    done = _run(broker, "--once")
    assert done.returncode == code, done.stderr
    assert f"kitchen       {genre}" in done.stdout
    assert done.stdout.count("\n") == 1


def test_once_has_an_exit_code_for_every_reason_to_know_nothing(
    broker: Broker, kitchen: Voice
) -> None:
    assert _run(broker, "--once", "--duration", "1").returncode == 7
    missing = _run(broker, "--once", "--node", "attic", "--duration", "1")
    assert missing.returncode == 7
    assert "nothing heard of node 'attic' within 1 s" in missing.stderr
    kitchen.say("microphone", "problem: unplugged")
    assert _run(broker, "--once").returncode == 4
    kitchen.say("availability", "offline")
    assert _run(broker, "--once").returncode == 6
    broker.stop()
    absent = _run(broker, "--once", "--duration", "1")
    assert absent.returncode == 5
    assert f"no broker at 127.0.0.1:{broker.port}" in absent.stderr
    assert "Traceback" not in absent.stderr


def test_prints_one_json_object_a_change(broker: Broker, kitchen: Voice) -> None:
    kitchen.hear("rock")
    with _start(broker, "--json") as program:
        assert program.stdout is not None
        first = json.loads(program.stdout.readline())
        assert (first["node"], first["genre"]) == ("kitchen", "rock")
        assert first["previous"] is None
        kitchen.hear("rock")  # a heartbeat is no change
        kitchen.hear("no_music")
        second = json.loads(program.stdout.readline())
        assert (second["previous"], second["genre"]) == ("rock", "no_music")
        assert second["music"] is False
        kitchen.say("availability", "offline")
        assert json.loads(program.stdout.readline())["online"] is False
        program.send_signal(signal.SIGINT)
        assert program.wait(30) == 130


def test_prints_one_line_a_change_where_there_is_no_terminal(
    broker: Broker, kitchen: Voice
) -> None:
    kitchen.hear("rock", ago_s=60.0)
    with _start(broker, "--duration", "8") as program:
        assert program.stdout is not None
        first = program.stdout.readline()
        kitchen.hear("jazz")
        rest = program.stdout.read()
        assert program.wait(30) == 0
    assert "kitchen       rock         90 %  since " in first
    assert "kitchen       jazz         90 %  after 1:0" in rest
    assert "\x1b" not in first + rest


def test_ends_when_nobody_reads_its_lines_any_more(
    broker: Broker, kitchen: Voice
) -> None:
    kitchen.hear("rock")
    with _start(broker) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert "rock" in program.stdout.readline()
        program.stdout.close()  # as `| head -1` does, without another change to come
        assert program.wait(30) == 0
        assert "Broken" not in program.stderr.read()
