"""genre-listen in a real terminal, over a real broker."""

from __future__ import annotations

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.terminal import Terminal, terminal
from tests.integration.voice import Voice, command, kitchen

__all__ = ["broker", "kitchen", "terminal"]

pytestmark = pytest.mark.service

_UTF8 = {"LANG": "C.UTF-8"}
_HALF_BLOCKS = "█▀▄"


@pytest.mark.parametrize(("width", "height"), [(40, 12), (80, 24), (200, 60)])
def test_shows_the_genre_large_with_bars_and_health(
    broker: Broker, kitchen: Voice, terminal: Terminal, width: int, height: int
) -> None:
    kitchen.hear("rock", ago_s=192.0)
    terminal.run(command(broker), width, height, _UTF8)
    assert kitchen.asked.wait(30.0)  # a display that watches says so
    kitchen.measure(-18.0)
    screen = terminal.wait_for(
        "kitchen", "90 %", "for 3:1", "✓ broker", "\N{MINUS SIGN}18 dBFS"
    )
    lines = screen.splitlines()
    assert len(lines) <= height
    assert max(map(len, lines)) <= width
    assert any("rock " in line and "███" in line for line in lines)
    large = [
        line for line in lines if set(line) & set(_HALF_BLOCKS) and "%" not in line
    ]
    assert len(large) >= (3 if height == 12 else 4)
    if height > 12:
        assert all(label in screen for label in ("blues", "classical", "disco", "jazz"))


def test_follows_the_size_of_the_terminal_while_running(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("jazz")
    terminal.run(command(broker), 120, 40, _UTF8)
    terminal.wait_for("blues", "kitchen", "90 %")
    terminal.resize(40, 12)
    small = terminal.wait_for("kitchen", "h help", gone="all rooms")
    assert max(map(len, small.splitlines())) <= 40
    terminal.resize(120, 40)
    assert "classical" in terminal.wait_for("all rooms", "✓ microphone")


def test_needs_neither_unicode_nor_colour(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock")
    terminal.run(command(broker), 80, 24, {"LANG": "C", "NO_COLOR": "1"})
    terminal.wait_for("kitchen", "90 %", "+ broker")
    screen = terminal.screen(colours=True)
    assert screen.isascii()
    assert "#####" in screen
    assert "\x1b[38" not in screen
    assert "\x1b[48" not in screen


def test_each_genre_has_its_own_colour(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock")
    terminal.run(command(broker), 80, 24, _UTF8)
    terminal.wait_for("90 %")
    assert "38;5;202m" in terminal.screen(colours=True)


def test_says_that_the_broker_is_away_and_recovers(
    broker: Broker, terminal: Terminal
) -> None:
    with Voice(broker.port, "kitchen") as voice:
        voice.hear("rock")
        terminal.run(command(broker), 80, 24, _UTF8)
        terminal.wait_for("90 %", "✓ broker")
        broker.stop()
        terminal.wait_for("No broker at", "Trying again", "Last heard:", "rock.")
        broker.start()
        # As a node does when its own connection is back: the will said "offline".
        voice.say("availability", "online")
        voice.hear("rock")
        terminal.wait_for("✓ broker", "90 %", gone="No broker")


def test_says_that_the_broker_was_never_there_and_finds_it_later(
    broker: Broker, terminal: Terminal
) -> None:
    broker.stop()
    terminal.run(command(broker), 60, 16, _UTF8)
    terminal.wait_for("No broker at", "Connection refused")
    broker.start()
    terminal.wait_for("no node has spoken yet", "✓ broker")
    with Voice(broker.port, "kitchen") as voice:
        voice.hear("jazz")
        terminal.wait_for("kitchen", "90 %")


def test_says_that_a_node_is_offline_and_shows_it_again(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock", ago_s=5.0)
    terminal.run(command(broker), 80, 24, _UTF8)
    terminal.wait_for("90 %")
    kitchen.say("availability", "offline")
    terminal.wait_for("kitchen is offline; it last heard rock", gone="90 %")
    kitchen.say("availability", "online")
    terminal.wait_for("Nothing heard from kitchen yet")
    kitchen.hear("disco")
    terminal.wait_for("90 %", "disco")


def test_gives_the_reason_of_a_microphone_problem(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock")
    terminal.run(command(broker), 40, 12, _UTF8)
    terminal.wait_for("90 %")
    kitchen.say("microphone", "problem: unplugged")
    terminal.wait_for("Microphone problem: unplugged", gone="90 %")
    kitchen.say("microphone", "ok")
    kitchen.hear("rock")
    terminal.wait_for("90 %")


def test_keys_pause_switch_explain_and_quit(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock")
    with Voice(broker.port, "attic") as attic:
        attic.hear("classical")
        terminal.run(command(broker, "--node", "kitchen"), 80, 24, _UTF8)
        terminal.wait_for("● kitchen", "2 of 2")
        terminal.type("n")
        terminal.wait_for("● attic", "1 of 2")
        terminal.type("a")
        terminal.wait_for("2 rooms", "attic", "kitchen")
        terminal.type("?")
        terminal.wait_for("quit, as Ctrl-C does")
        terminal.type("?", "a", "Space")
        terminal.wait_for("paused", "● attic")
        attic.hear("jazz")
        kitchen.hear("jazz")
        terminal.type("Up")  # means nothing, and must not confuse
        assert "jazz       █████" not in terminal.screen()
        terminal.type("Space")
        terminal.wait_for("jazz       █████", gone="paused")
        terminal.type("q")
        terminal.wait_for("exit code 0")


def test_shows_one_row_a_room(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock", ago_s=61.0)
    with Voice(broker.port, "attic") as attic:
        attic.say("microphone", "problem: unplugged")
        terminal.run(command(broker, "--all"), 40, 12, _UTF8)
        screen = terminal.wait_for("2 rooms", "no sound", "1:0")
        assert any("kitchen" in row and "rock" in row for row in screen.splitlines())


def test_hostile_payloads_do_not_reach_the_terminal(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    terminal.run(command(broker), 80, 24, _UTF8)
    terminal.wait_for("Nothing heard from kitchen yet")
    for payload in ("{", "[]", '{"genre": 3}', "[" * 50_000, "\x00\xff", "9" * 5_000):
        kitchen.say("state", payload)
    kitchen.hear(
        "\x1b]0;owned\x07\x1b[2Jrock\n\n",
        probabilities={"\x1b[31mred": 0.5, "x" * 5_000: "no", "rock": 1e400},
        since="0001-01-01T00:00:00Z",
        model=["\x1b"],
    )
    kitchen.say("telemetry", '{"level_dbfs": NaN, "dropped_hops": "many"}')
    screen = terminal.wait_for("● kitchen", "[31mred", "]0;owned [2Jrock")
    assert "\x1b[31mred" not in terminal.screen(colours=True)
    assert len(screen.splitlines()) <= 24
    kitchen.hear("jazz")
    terminal.wait_for("jazz", "90 %", gone="[31mred")


def test_stops_by_itself_after_the_duration(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock")
    terminal.run(command(broker, "--duration", "2"), 80, 24, _UTF8)
    terminal.wait_for("90 %")
    terminal.wait_for("exit code 0")
