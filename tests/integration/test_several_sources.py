"""Several sources in one daemon: a node each, and none that waits for another.

Two rooms of a real PulseAudio with different music, a server that accepts and never
answers, one real Mosquitto.
"""

from __future__ import annotations

import signal
import socket
from typing import TYPE_CHECKING

import numpy as np
import pytest
import soundfile
from tests.integration.broker import Broker, broker
from tests.integration.daemons import daemon
from tests.integration.pulse import Pulse, pulse
from tests.integration.subscriber import Subscriber, subscriber

from genre_daemon.inference.bundle import SHIPPED, read_bundle
from genre_daemon.pipeline import Pipeline
from genre_daemon.sources import styles, synth

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["broker", "pulse"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

# PortAudio aborts the process where there is no default.
_ROOMS = """
pcm.!default { type pulse }
ctl.!default { type pulse }
pcm.kitchen { type pulse device "room.monitor" }
pcm.bath { type pulse device "bath.monitor" }
"""
_SOURCE = '[[source]]\nname = "{name}"\ndevice = "{device}"\n'


def configure(path: Path, broker: Broker, sources: dict[str, str]) -> None:
    """Write a configuration of several sources."""
    tables = (_SOURCE.format(name=n, device=d) for n, d in sources.items())
    path.write_text(
        '[node]\nname = "pi"\n[history]\nenabled = false\n'
        f'[mqtt]\nhost = "127.0.0.1"\nport = {broker.port}\npredictions = true\n'
        + "".join(tables)
    )


@pytest.fixture
def deaf_server() -> Iterator[str]:
    """The address of a server that accepts connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/radio"


def compose(style: int, path: Path) -> str:
    """Write a minute of music; return what the model calls it."""
    music = styles.render(style)
    soundfile.write(path, np.tile(music, 3), synth.RATE)
    pipeline = Pipeline(read_bundle(SHIPPED), synth.RATE)
    seconds = np.array_split(music, len(music) // synth.RATE)
    return [v for second in seconds for v in pipeline.push(second)][-1].genre


def hear(home: Subscriber, genres: dict[str, str]) -> None:
    """Wait until each of these nodes has named its genre, in any order."""
    missing = {(f"genre-listen/{node}/genre", genre) for node, genre in genres.items()}
    while missing:
        topic, payload, _ = home.wait(lambda message: message[:2] in missing)
        missing.remove((topic, payload))


def wait_until_cleared(home: Subscriber, node: str) -> None:
    """Wait until what a node had retained was taken back, in any order."""
    kept = ("about", "availability", "listening", "threshold", "microphone")
    topics = {f"genre-listen/{node}/{kind}" for kind in kept}
    home.wait(lambda _: topics <= {topic for topic, text, _ in home.seen if not text})


def test_each_room_hears_its_own_music_whatever_becomes_of_the_others(
    pulse: Pulse, broker: Broker, tmp_path: Path, deaf_server: str
) -> None:
    chamber, reggae = tmp_path / "chamber.wav", tmp_path / "reggae.wav"
    genres = {"kitchen": compose(0, chamber), "bath": compose(4, reggae)}
    assert genres["kitchen"] != genres["bath"]
    pulse.load_module("module-null-sink", "sink_name=bath")
    (tmp_path / "asound.conf").write_text(_ROOMS)
    config = tmp_path / "config.toml"
    sources = {"kitchen": "kitchen", "bath": "bath", "radio": deaf_server}
    configure(config, broker, sources)
    environ = {**pulse.env, "ALSA_CONFIG_PATH": str(tmp_path / "asound.conf")}
    with (
        subscriber(broker.port) as home,
        daemon("--config", str(config), environ=environ) as process,
    ):
        pulse.wait_for_listeners(2)
        pulse.play(chamber)
        pulse.play(reggae, sink="bath")
        hear(home, genres)

        first = home.json_on("kitchen/prediction")["sequence"]
        pulse.pactl("suspend-sink", "bath", "1")
        assert home.on("bath/microphone").startswith("problem: ")
        home.publish("genre-listen/radio/set/listening", "off")
        assert home.on("radio/listening") == "off"
        following = [home.json_on("kitchen/prediction")["sequence"] for _ in range(3)]
        assert following == list(range(following[0], following[0] + 3))
        assert following[0] > first
        pulse.pactl("suspend-sink", "bath", "0")
        assert home.on("bath/microphone") == "ok"
        home.publish("genre-listen/kitchen/set/watch", "60")
        assert home.json_on("kitchen/telemetry")["dropped_hops"] == 0

        process.kill()
        assert home.on("daemon/pi/availability") == "offline"
    heard = [message for message in home.seen if message[0].startswith("genre-listen")]
    said = {payload for topic, payload, _ in heard if topic.endswith("kitchen/genre")}
    assert genres["bath"] not in said
    assert "genre-listen/radio/genre" not in {topic for topic, text, _ in heard if text}


def test_sources_come_and_go_with_the_configuration(
    broker: Broker, tmp_path: Path, deaf_server: str
) -> None:
    config = tmp_path / "config.toml"
    configure(config, broker, {"hall": "demo", "radio": deaf_server})
    with (
        subscriber(broker.port) as home,
        daemon("--config", str(config)) as process,
    ):
        assert home.on("daemon/pi/availability") == "online"
        assert home.on("radio/about")
        assert home.on("hall/genre")
        configure(config, broker, {"hall": "demo", "attic": "demo"})
        process.send_signal(signal.SIGHUP)
        assert home.on("radio/availability") == "offline"
        assert home.on("attic/availability") == "online"
        assert home.on("attic/microphone") == "ok"
        # The hall was never closed: it has its window of five seconds already.
        first = home.wait(lambda message: message[0].endswith("/prediction"))
        assert first[0] == "genre-listen/hall/prediction"
        wait_until_cleared(home, "radio")
        with subscriber(broker.port, "genre-listen/radio/#") as late:
            late.publish("genre-listen/radio/end", "")
            late.wait(lambda message: message[0].endswith("end"))
            assert [topic for topic, text, kept in late.seen if kept and text] == []
        process.terminate()
        _, log = process.communicate(timeout=30)
    assert process.returncode == 0
    assert log.count("hall: listening to") == 2  # at the start, and to new outputs
    assert "radio: listening" not in log


def test_the_watchdog_does_not_wait_for_a_recording_that_is_over(
    broker: Broker, tmp_path: Path, deaf_server: str
) -> None:
    soundfile.write(tmp_path / "short.wav", np.zeros(8_000), 8_000)
    config = tmp_path / "config.toml"
    refused = deaf_server.replace("127.0.0.1", "127.0.0.2")  # nobody is there
    configure(config, broker, {"short": str(tmp_path / "short.wav"), "radio": refused})
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd,
        subscriber(broker.port) as home,
    ):
        systemd.bind(str(tmp_path / "notify"))
        systemd.settimeout(30.0)
        environ = {"NOTIFY_SOCKET": str(tmp_path / "notify")}
        with daemon("--config", str(config), environ=environ):
            home.wait(lambda m: m[0].endswith("short/microphone") and "short" in m[1])
            while b"WATCHDOG=1" not in systemd.recv(1_000):
                pass


def test_a_recording_that_is_over_ends_itself_and_then_the_daemon(
    broker: Broker, tmp_path: Path
) -> None:
    for name, seconds in (("short", 1), ("long", 3)):
        soundfile.write(tmp_path / f"{name}.wav", np.zeros(seconds * 8_000), 8_000)
    config = tmp_path / "config.toml"
    names = ("short", "long")
    configure(config, broker, {name: str(tmp_path / f"{name}.wav") for name in names})
    with (
        subscriber(broker.port) as home,
        daemon("--config", str(config)) as process,
    ):
        reason = home.wait(lambda m: m[0].endswith("short/microphone") and m[1] != "ok")
        assert "short.wav" in reason[1]
        assert home.on("daemon/pi/availability") == "offline"
        assert process.wait(30) == 0
