"""The command line of genre-listen, and its lines, without a broker."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from genre_daemon.display.nodes import Nodes
from genre_daemon.display.plain import SETTLE_S, Teller, json_line, text_line

if TYPE_CHECKING:
    from pathlib import Path

NOW = 1_800_000_000.0


def _run(*flags: str) -> subprocess.CompletedProcess[str]:
    start = "from genre_daemon.listen import main; main()"
    command = [sys.executable, "-c", start, *flags]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_is_quick_and_tells_the_keys_and_exit_codes() -> None:
    start = time.monotonic()
    done = _run("--help")
    assert time.monotonic() - start < 2.0  # about a quarter of a second when idle
    said = " ".join(done.stdout.split())
    assert "q quit, space pause, n next node" in said
    assert "5 no broker, 6 node offline" in said
    assert "--svg" not in said


def test_help_loads_neither_the_network_nor_the_display() -> None:
    script = (
        "import sys; from genre_daemon import listen;"
        "print([m for m in ('paho', 'rich', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_wrong_setting_is_one_sentence_and_exit_code_2(tmp_path: Path) -> None:
    done = _run("--base", "a/#", "--once")
    assert done.returncode == 2
    assert done.stderr.startswith("genre-listen: mqtt.base_topic must be")
    assert done.stderr.count("\n") == 1
    missing = _run("--config", str(tmp_path / "no.toml"), "--once")
    assert missing.returncode == 2
    assert "no.toml" in missing.stderr


class _Story:
    """Messages of nodes, told to a teller; gives the lines it is worth."""

    def __init__(self, teller: Teller) -> None:
        self.teller = teller
        self.nodes = Nodes("base")
        self.now_s = NOW

    def say(self, name: str, kind: str, payload: str) -> list[str]:
        change = self.nodes.receive(
            f"base/{name}/{kind}", payload.encode(), retained=False, now_s=self.now_s
        )
        assert change is not None
        return self.teller.push(change, self.now_s)

    def hear(self, name: str, genre: str) -> list[str]:
        return self.say(name, "state", json.dumps({"genre": genre, "confidence": 0.9}))

    def settle(self) -> list[str]:
        self.now_s += SETTLE_S + 0.01
        return self.teller.settle(self.now_s)


def test_the_first_line_waits_for_all_retained_messages() -> None:
    story = _Story(Teller(text_line, None))
    assert story.hear("attic", "rock") == []
    assert story.say("attic", "availability", "offline") == []
    (line,) = story.settle()
    assert line.endswith("attic         offline")


def test_only_changes_are_worth_a_line() -> None:
    story = _Story(Teller(text_line, None))
    story.hear("attic", "rock")
    (first,) = story.settle()
    assert "attic         rock         90 %  since" in first
    assert story.hear("attic", "rock") == []
    assert story.say("attic", "microphone", "ok") == []
    (second,) = story.hear("attic", "jazz")
    assert second.endswith("of rock")
    (third,) = story.say("attic", "microphone", "problem: unplugged")
    assert third.endswith("microphone problem: unplugged")
    assert story.say("attic", "microphone", "ok") == []
    (fourth,) = story.hear("attic", "jazz")
    assert "jazz" in fourth


def test_a_chosen_node_is_the_only_one_told_of() -> None:
    story = _Story(Teller(text_line, "bath"))
    story.hear("attic", "rock")
    story.hear("bath", "jazz")
    (line,) = story.settle()
    assert "bath" in line


@pytest.mark.parametrize("genre", ["rock", "\x1b[31mred\nrock"])
def test_a_json_line_is_one_object_on_one_line(genre: str) -> None:
    story = _Story(Teller(json_line, None))
    story.hear("attic", genre)
    (line,) = story.settle()
    assert line.isprintable()
    said = json.loads(line)
    assert said["genre"] in ("rock", "[31mred rock")
    assert set(said) >= {"time", "node", "online", "microphone", "music", "since"}
