"""All that may happen to a daemon in a year, one class each.

A fault begins and ends. While a ``deaf`` one lasts, the node cannot know the genre;
while one that is ``away`` lasts, nobody can hear the node.
"""

from __future__ import annotations

import os
import signal
from typing import TYPE_CHECKING

from tests.proof.stage import ROOT

if TYPE_CHECKING:
    import random

    from tests.proof.stage import Stage
    from tests.proof.witness import Witness

_HOSTILE_TOPICS = ("listening", "threshold", "watch", "nonsense", "a/b/c", "")
_HOSTILE_WORDS = (b"", b"\0", b"\xff" * 64, b"NaN", b"-1", b"1e999", b"ON\nOFF", b"{}")
_SINK = ("module-null-sink", "sink_name=room", "rate=48000", "channels=2")


class Fault:
    """Something that goes wrong in a room, and is mended again.

    Parameters
    ----------
    stage : Stage
    witness : Witness
        Also the home, which sends commands.
    rng : Random
        The same on every run with the same seed.
    """

    group = ""
    """Two faults of one group never happen at once."""
    deaf = False
    away = False
    moment = False
    """Whether it is over as soon as it has begun."""

    def __init__(self, stage: Stage, witness: Witness, rng: random.Random) -> None:
        self.stage = stage
        self.witness = witness
        self.rng = rng

    @property
    def name(self) -> str:
        """The fault, for people."""
        words = "".join(
            f" {c.lower()}" if c.isupper() else c for c in type(self).__name__
        )
        return words.strip()

    def begin(self) -> None:
        """Let it happen."""

    def end(self) -> None:
        """Mend it."""


class BrokerKilled(Fault):
    """The machine with the broker loses its power."""

    group, away = "broker", True

    def begin(self) -> None:
        """Kill it."""
        self.stage.broker.kill()

    def end(self) -> None:
        """Start it again."""
        self.stage.broker.start()


class BrokerStopped(Fault):
    """The broker is updated."""

    group, away = "broker", True

    def begin(self) -> None:
        """Stop it in good order."""
        self.stage.broker.stop()

    def end(self) -> None:
        """Start it again."""
        self.stage.broker.start()


class BrokerFrozen(Fault):
    """The broker's disk hangs: it accepts, and answers nobody."""

    group, away = "broker", True

    def begin(self) -> None:
        """Freeze it."""
        self.stage.broker.freeze()

    def end(self) -> None:
        """Let it go on."""
        self.stage.broker.thaw()


class SoundServerKilled(Fault):
    """The sound server crashes."""

    group, deaf = "sound", True

    def begin(self) -> None:
        """Kill it."""
        self.stage.pulse.stop()

    def end(self) -> None:
        """Start it again."""
        self.stage.pulse.start()


class SoundServerFrozen(Fault):
    """The sound server hangs: the stream neither ends nor gives anything."""

    group, deaf = "sound", True

    def begin(self) -> None:
        """Freeze it."""
        os.kill(self.stage.pulse.pid, signal.SIGSTOP)

    def end(self) -> None:
        """Let it go on."""
        os.kill(self.stage.pulse.pid, signal.SIGCONT)


class MicrophoneUnplugged(Fault):
    """The microphone is pulled out, and put back."""

    group, deaf = "sound", True

    def begin(self) -> None:
        """Unload its module."""
        self.stage.pulse.pactl("unload-module", "module-null-sink")

    def end(self) -> None:
        """Load it again."""
        pulse = self.stage.pulse
        pulse.load_module(*_SINK)
        pulse.pactl("set-default-sink", "room")
        pulse.pactl("set-default-source", "room.monitor")


class MicrophoneMuted(Fault):
    """Somebody presses the mute button."""

    group, deaf = "sound", True

    def begin(self) -> None:
        """Mute it."""
        self.stage.pulse.pactl("set-source-mute", "room.monitor", "1")

    def end(self) -> None:
        """Let it hear again."""
        self.stage.pulse.pactl("set-source-mute", "room.monitor", "0")


class ListeningOff(Fault):
    """The home asks for privacy."""

    group, deaf = "sound", True

    def begin(self) -> None:
        """Switch off."""
        self.witness.publish(f"{ROOT}/set/listening", "off")

    def end(self) -> None:
        """Switch on."""
        self.witness.publish(f"{ROOT}/set/listening", "on")


class HostileCommands(Fault):
    """Somebody on the network tries what the node makes of rubbish."""

    group, moment = "home", True

    def begin(self) -> None:
        """Send a hundred messages."""
        for _ in range(100):
            topic = self.rng.choice(_HOSTILE_TOPICS)
            word = self.rng.choice([*_HOSTILE_WORDS, self.rng.randbytes(40)])
            kind = self.rng.choice([f"set/{topic}", "get/history", "set"])
            self.witness.say(f"{ROOT}/{kind}", word)


class HistoryCorrupted(Fault):
    """The memory card forgets."""

    group, moment = "disk", True

    def begin(self) -> None:
        """Overwrite pieces of the file while it is in use."""
        path = self.stage.history
        if not path.exists():
            return
        with path.open("r+b") as file:
            size = path.stat().st_size
            for _ in range(8):
                file.seek(self.rng.randrange(max(1, size)))
                file.write(self.rng.randbytes(64))


class DiskFull(Fault):
    """The disk fills up; only where the state lies on a disk of its own."""

    group = "disk"

    def begin(self) -> None:
        """Fill it."""
        with (self.stage.state / "ballast").open("wb") as file:
            try:
                while True:
                    file.write(b"\0" * 65_536)
                    file.flush()
            except OSError:
                return

    def end(self) -> None:
        """Make room."""
        (self.stage.state / "ballast").unlink(missing_ok=True)


class DaemonKilled(Fault):
    """The kernel kills the daemon, and systemd starts it again."""

    group, deaf = "daemon", True

    def begin(self) -> None:
        """Kill it."""
        self.stage.kill()

    def end(self) -> None:
        """Start it again."""
        self.stage.start()


class DaemonFrozen(Fault):
    """The machine is suspended."""

    group, deaf = "daemon", True

    def begin(self) -> None:
        """Freeze it."""
        self.signal(signal.SIGSTOP)

    def end(self) -> None:
        """Let it go on."""
        self.signal(signal.SIGCONT)

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        assert self.stage.daemon is not None
        self.stage.daemon.send_signal(number)


EVERYWHERE: tuple[type[Fault], ...] = (
    BrokerKilled,
    BrokerStopped,
    BrokerFrozen,
    SoundServerKilled,
    SoundServerFrozen,
    MicrophoneUnplugged,
    MicrophoneMuted,
    ListeningOff,
    HostileCommands,
    HistoryCorrupted,
    DaemonKilled,
    DaemonFrozen,
)
"""All but :class:`DiskFull`, for which the disk has to be small."""
