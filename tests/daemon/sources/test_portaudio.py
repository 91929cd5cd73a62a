"""Calls that may never come back."""

from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import pytest

from genre_daemon.errors import AudioError
from genre_daemon.sources import portaudio


def test_a_call_gives_what_its_function_gives() -> None:
    assert portaudio.call(lambda: 7, 5.0) == 7


def test_a_call_raises_what_its_function_raises() -> None:
    def fail() -> None:
        raise AudioError("the microphone is in use")

    with pytest.raises(AudioError, match="in use"):
        portaudio.call(fail, 5.0)


def test_a_call_that_hangs_is_given_up_and_undone_when_it_comes_back() -> None:
    thaw = threading.Event()
    undone: list[str] = []

    def hang() -> str:
        thaw.wait(10.0)
        return "stream"

    with pytest.raises(AudioError, match=r"did not answer for 0\.05 s: restart"):
        portaudio.call(hang, 0.05, undo=undone.append)
    # One at a time: the next waits for the first, and is given up as well.
    with pytest.raises(AudioError, match="did not answer"):
        portaudio.call(lambda: 7, 0.05)
    assert undone == []
    thaw.set()

    assert portaudio.call(lambda: 7, 5.0) == 7
    assert undone == ["stream"]


def test_without_the_library_the_remedy_is_told(tmp_path: Path) -> None:
    # sounddevice's own words where the system has no PortAudio, on a machine that has.
    (tmp_path / "sounddevice.py").write_text(
        "raise OSError('PortAudio library not found')"
    )
    program = (
        "from genre_daemon.sources.devices import list_inputs\n"
        "from genre_daemon.errors import AudioError\n"
        "try: list_inputs()\n"
        "except AudioError as error: print(error)"
    )
    daemon = Path(__file__).parents[3] / "daemon"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": f"{tmp_path}:{daemon}"},
        check=True,
        capture_output=True,
        text=True,
    )

    assert "run 'sudo apt install libportaudio2'" in done.stdout
    assert done.stderr == ""
