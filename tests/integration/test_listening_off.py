"""``listening: off`` means that the sound server sees no listener, come what may."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from tests.integration.broker import Broker, broker
from tests.integration.daemons import daemon
from tests.integration.pulse import Pulse, pulse
from tests.integration.subscriber import Subscriber

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["broker", "pulse"]

pytestmark = [pytest.mark.service, pytest.mark.slow]

SET = "genre-listen/room/set/listening"


def test_it_closes_the_device_and_outlasts_a_killed_daemon(
    pulse: Pulse, broker: Broker, tmp_path: Path
) -> None:
    flags = ("--host", "127.0.0.1", "--port", str(broker.port), "--name", "room")
    environ = {**pulse.env, "XDG_STATE_HOME": str(tmp_path)}
    with Subscriber(broker.port) as home:
        with daemon(*flags, environ=environ) as process:
            pulse.wait_for_listeners(1)
            for nonsense in ("OFF!", "0", "", "x" * 5_000):
                home.publish(SET, nonsense)
            home.publish(SET, "off")
            assert home.on("room/listening") == "on"
            assert home.on("room/listening") == "off"
            # The moment that it is said, it is true and written down.
            assert pulse.pactl("list", "short", "source-outputs") == ""
            process.kill()
        assert home.on("room/availability") == "offline"
        with daemon(*flags, environ=environ):
            assert home.on("room/availability") == "online"
            home.publish("genre-listen/room/set/threshold", "0.75")
            assert home.on("room/threshold") == "0.75"
            assert pulse.pactl("list", "short", "source-outputs") == ""
            home.publish(SET, "on")
            pulse.wait_for_listeners(1)
