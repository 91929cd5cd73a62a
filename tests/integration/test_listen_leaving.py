"""genre-listen shares its terminal: it leaves it as it found it."""

from __future__ import annotations

import os
import signal
import sys

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.terminal import Terminal, terminal
from tests.integration.voice import Voice, command, kitchen

__all__ = ["broker", "kitchen", "terminal"]

pytestmark = pytest.mark.service

_UTF8 = {"LANG": "C.UTF-8"}


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
)
def test_signals_end_it_with_the_terminal_in_order(
    broker: Broker, kitchen: Voice, terminal: Terminal, number: int, code: int
) -> None:
    kitchen.hear("rock")
    terminal.run(command(broker), 80, 24, _UTF8)
    terminal.wait_for("90 %")
    assert terminal.is_alternate()
    assert not terminal.cursor_is_shown()
    os.kill(terminal.program(), number)
    screen = terminal.wait_for(f"exit code {code}", "speed")
    assert not terminal.is_alternate()
    assert terminal.cursor_is_shown()
    assert "Traceback" not in screen
    assert " -icanon" not in screen
    assert " -echo " not in screen


def test_ctrl_z_hands_the_terminal_back_until_it_goes_on(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock")
    terminal.run(command(broker), 80, 24, _UTF8, job_control=True)
    terminal.wait_for("90 %")
    terminal.type("C-z")
    terminal.wait_for("Stopped")
    assert not terminal.is_alternate()
    assert terminal.cursor_is_shown()
    terminal.type("fg", "Enter")
    terminal.wait_for("90 %", "● kitchen")
    terminal.type("q")
    terminal.wait_for("exit code 0")


_NOISY = """
import os, sys, threading, time
from genre_daemon.listen import watch
from genre_daemon.mqtt.settings import MqttSettings

def noise():
    for _ in range(20):
        os.write(2, b"ALSA lib pcm.c: cannot open\\n")
        time.sleep(0.1)

threading.Thread(target=noise).start()
settings = MqttSettings("127.0.0.1", int(sys.argv[1]))
watch(settings, base="genre-listen", node="kitchen", duration_s=4,
      footer=lambda: "listening to the attic")
"""


def test_serves_a_program_whose_libraries_write_errors(
    broker: Broker, kitchen: Voice, terminal: Terminal
) -> None:
    kitchen.hear("rock")
    terminal.run([sys.executable, "-c", _NOISY, str(broker.port)], 80, 24, _UTF8)
    shown = terminal.wait_for("90 %", "listening to the attic")
    assert "ALSA" not in shown
    after = terminal.wait_for("exit code 0")
    assert "ALSA lib pcm.c: cannot open" in after
