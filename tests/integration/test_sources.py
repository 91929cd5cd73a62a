"""Sources other than a microphone, heard by a daemon of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import soundfile
from tests.integration.broker import Broker, broker
from tests.integration.daemons import daemon
from tests.integration.pulse import Pulse, pulse
from tests.integration.stations import Camera, Radio
from tests.integration.subscriber import Subscriber, subscriber

from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.messages import STATES
from genre_daemon.sources.styles import render

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["broker", "pulse"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

WORDS = {*read_bundle(SHIPPED).info.labels, *STATES}


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Seven seconds of music: a window and a hop or two."""
    path = tmp_path_factory.mktemp("music") / "music.wav"
    soundfile.write(path, render(0)[: 7 * 22_050], 22_050, subtype="PCM_16")
    return path


def flags(broker: Broker, source: str) -> tuple[str, ...]:
    """Flags of a daemon."""
    at = ("--host", "127.0.0.1", "--port", str(broker.port), "--name", "room")
    return (*at, "--source", source)


def microphone(home: Subscriber, start: str) -> str:
    """Wait for the next word on the source that begins so; return it."""
    return home.wait(
        lambda message: (
            message[0].endswith("room/microphone") and message[1].startswith(start)
        )
    )[1]


def test_a_file_is_heard_in_real_time_and_then_the_daemon_is_done(
    broker: Broker, music: Path
) -> None:
    with (
        subscriber(broker.port) as home,
        daemon(*flags(broker, str(music))) as process,
    ):
        assert home.on("room/availability") == "online"
        assert home.on("room/genre") in WORDS
        assert home.on("room/availability") == "offline"
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert err.splitlines()[-1].endswith("music.wav is over")


def test_a_file_that_is_not_there_is_refused_at_once(broker: Broker) -> None:
    with daemon(*flags(broker, "./none.flac")) as process:
        _, err = process.communicate(timeout=60)
    assert process.returncode == 4
    assert err == "genre-daemon: there is no file none.flac: check the name\n"


def piped(
    broker: Broker, feed: list[str], env: dict[str, str]
) -> subprocess.Popen[str]:
    """Start ``feed | genre-daemon run --source -``; return the daemon."""
    feeder = subprocess.Popen(feed, stdout=subprocess.PIPE, env=env)
    command = [sys.executable, "-m", "genre_daemon", "run", *flags(broker, "-")]
    return subprocess.Popen(
        command, stdin=feeder.stdout, stderr=subprocess.PIPE, env=env, text=True
    )


def test_what_parec_pipes_is_heard_until_it_ends(
    broker: Broker, pulse: Pulse, tmp_path: Path, music: Path
) -> None:
    parec = ["parec", "--format=s16le", "--rate=44100", "--channels=1"]
    env = {**pulse.env, "XDG_STATE_HOME": str(tmp_path)}
    with subscriber(broker.port) as home, piped(broker, parec, env) as process:
        try:
            pulse.wait_for_listeners(1)
            pulse.play(music)
            microphone(home, "ok")
            assert home.on("room/genre") in WORDS
            pulse.stop()  # and with it parec
            assert home.on("room/availability") == "offline"
            assert process.wait(30) == 0
        finally:
            process.kill()


@pytest.fixture(params=[Radio])
def station(request: pytest.FixtureRequest, music: Path) -> Iterator[Radio | Camera]:
    """A station that is not on air yet."""
    if shutil.which("ffmpeg") is None:
        if os.environ.get("CI") == "true":
            pytest.fail("ffmpeg is not installed")
        pytest.skip("ffmpeg is not installed")
    station: Radio | Camera = request.param(music)
    yield station
    station.stop()


@pytest.mark.parametrize("station", [Radio, Camera], indirect=True)
def test_a_station_that_breaks_down_is_tuned_in_again_and_its_password_kept(
    broker: Broker, station: Radio | Camera
) -> None:
    secret = station.url.replace("//", "//me:hunter2@") + "?token=hunter2"
    station.start()
    with (
        subscriber(broker.port) as home,
        daemon(
            *flags(broker, "default")[:-2],
            environ={"GENRE_LISTEN_AUDIO_DEVICE": secret},
        ) as process,
    ):
        microphone(home, "ok")
        assert home.on("room/genre") in WORDS
        children = Path(f"/proc/{process.pid}/task").glob("*/children")
        started = [child for file in children for child in file.read_text().split()]
        assert started
        for child in [str(process.pid), *started]:
            assert "hunter2" not in Path(f"/proc/{child}/cmdline").read_text()
        station.stop()
        assert station.url in microphone(home, "problem")
        station.start()
        microphone(home, "ok")
        process.terminate()
        _, err = process.communicate(timeout=30)
    assert process.returncode == 0
    assert "hunter2" not in err
    assert not [message for message in home.seen if "hunter2" in message[1]]
    for child in started:
        assert not Path(f"/proc/{child}").exists()


def test_a_station_that_falls_silent_without_hanging_up_is_a_problem(
    broker: Broker, station: Radio
) -> None:
    station.start()
    with (
        subscriber(broker.port) as home,
        daemon(*flags(broker, station.url)) as process,
    ):
        microphone(home, "ok")
        station.freeze()
        assert "has sent nothing for 2 s" in microphone(home, "problem")
        station.stop()
        station.start()
        microphone(home, "ok")
        assert process.poll() is None
