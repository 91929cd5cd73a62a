"""The recipes of the documentation, pasted as they stand."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest
from tests.home_assistant.home import NO_PYTHON, PYTHON, ROOT, Home, wait
from tests.home_assistant.room import Room
from tests.integration.broker import Broker, broker

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["broker"]

pytestmark = pytest.mark.service

PAGE = ROOT / "docs" / "home-assistant.md"


def blocks(language: str) -> list[str]:
    """Return the code blocks of the page in one language."""
    fenced = rf"^```{language}\n(.*?)^```"
    return re.findall(fenced, PAGE.read_text(), re.MULTILINE | re.DOTALL)


def automations() -> str:
    """Return the automations as the file that Home Assistant keeps them in."""
    found = [block for block in blocks("yaml") if block.startswith("alias:")]
    assert len(found) == 3
    listed = "".join("- " + text.replace("\n", "\n  ").rstrip(" ") for text in found)
    # Nobody wants to wait two minutes for a test.
    quick, waits = re.subn(r'for: "00:0\d:\d\d"', 'for: "00:00:01"', listed)
    assert waits == 3
    return quick


@pytest.fixture
def home(tmp_path: Path, broker: Broker) -> Iterator[Home]:
    """A Home Assistant with the automations of the page."""
    if not PYTHON.exists():
        pytest.skip(NO_PYTHON)
    folder = tmp_path / "home"
    folder.mkdir()
    home = Home(folder, broker.port, automations())
    home.start()
    yield home
    complaints = home.complaints()
    home.stop()
    assert complaints == [], "\n".join(complaints)


@pytest.mark.slow
def test_the_automations_do_what_the_page_says(home: Home, broker: Broker) -> None:
    with Room(broker.port) as room:
        room.hear("metal", 0.9)
        wait(lambda: home.do("called"))
        (lights,) = home.do("called")
        assert (lights["service"], lights["rgb_color"]) == (
            "light.turn_on",
            [255, 0, 0],
        )
        assert lights["entity_id"] == ["light.living_room"]
        room.hear("jazz", 0.5)  # not sure enough
        home.wait_for("sensor.living_room_music", "jazz")
        room.hear("silence", 1.0)
        wait(lambda: len(home.do("called")) == 2)
        white = home.do("called")[1]
        assert white["color_temp_kelvin"] == 2700
        room.publisher.microphone("the microphone 'USB' has gone: was it unplugged?")
        wait(lambda: len(home.do("called")) == 3)
        alarm = home.do("called")[2]
        assert alarm["service"] == "notify.notify"
        assert alarm["message"].endswith("was it unplugged?")


def shell(broker: Broker) -> list[str]:
    """Return the commands of the page, for the broker of this test."""
    here = f"-h 127.0.0.1 -p {broker.port}"
    text = "".join(blocks("sh")).replace("-h 192.0.2.10", here)
    return text.splitlines()


def test_the_subscriptions_print_what_the_page_says(broker: Broker) -> None:
    plain, once, music = (line for line in shell(broker) if "_sub" in line)
    with Room(broker.port) as room:
        room.hear("metal", 0.9)
        for command in (plain, once):
            done = _run(command)
            assert done.splitlines() == ["metal"]
        if shutil.which("jq") is None:
            pytest.skip("jq is not installed")
        assert re.fullmatch(r"20\S+Z metal 0\.9\n", _run(music))


def test_the_commands_are_obeyed(broker: Broker) -> None:
    commands = [line for line in shell(broker) if "_pub" in line]
    assert len(commands) == 3
    with Room(broker.port) as room:
        for command in commands:
            _run(command)
        wait(lambda: len(room.asked) == len(commands))
    assert [str(command) for command in room.asked] == [
        "Listening(on=False)",
        "Listening(on=True)",
        "Threshold(value=0.6)",
    ]


def test_the_node_red_flow_is_whole() -> None:
    (text,) = blocks("json")
    nodes = {node["id"]: node for node in json.loads(text)}
    wired = {
        end for node in nodes.values() for out in node.get("wires", []) for end in out
    }
    assert wired <= nodes.keys()
    assert nodes["gl-in"]["broker"] in nodes
    assert {node["z"] for node in nodes.values() if "z" in node} == {"gl-tab"}
    # One way in, one way out, and everything in between is reached.
    assert nodes.keys() - wired == {"gl-tab", "gl-broker", "gl-in"}


def _run(command: str) -> str:
    """Run a line as a person would, who presses Ctrl-C after a while."""
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; timeout 3 {command}"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode in (0, 124), done.stderr
    return done.stdout
