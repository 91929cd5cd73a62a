"""No audio leaves the process: the kernel's own record of a daemon that hears music.

Whatever a program gives away passes through a system call. The test writes down all
of those that open, connect, map or write, and accounts for each.
"""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import signal
import subprocess
import zlib
from pathlib import Path

import numpy as np
import pytest
from tests.integration.subscriber import Subscriber
from tests.proof.stage import NODE, Player, Stage, missing_programs, write_demo
from tests.proof.trace import STRACE, Call, read_calls

from genre_daemon.sources import styles
from genre_daemon.sources.synth import RATE

pytestmark = [pytest.mark.service, pytest.mark.slow]

HEARD_S = 6.0
"""Seconds that were heard before the first verdict came, at the least."""
TELEPHONE = 8_000
"""Samples of a byte, a second, of the poorest sound in use (ITU-T G.711)."""

WRITES = ("write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "splice")
SENDS = ("sendto", "sendmsg", "sendmmsg")
PLACES = {
    r"{state}(/|$)": "the state directory: the history, and what was asked over MQTT",
    r"{runtime}/genre-listen-[0-9a-f]+\.(new|json)$": "the open segment, in memory",
    r"/dev/null$": "where the chatter of the sound libraries goes",
    r"/dev/shm/jack": "PortAudio asks whether there is a JACK server",  # noqa: S108 - not ours
    r"(/dev/shm|/run/shm)/pulse-shm-": "memory that PulseAudio shares with us",
    r"{runtime}/(cookie|\.config|pulse)": "PulseAudio's own settings",
}
"""All that may be opened to write, each with its reason."""


def can_trace() -> str:
    """Return why programs cannot be traced here, or nothing."""
    if shutil.which("strace") is None:
        return "strace is not installed (apt install strace)"
    done = subprocess.run(
        ["strace", "-o", os.devnull, "true"], check=False, capture_output=True
    )
    return "" if done.returncode == 0 else "ptrace is refused here"


@pytest.fixture(scope="module")
def traced(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Call], Stage]:
    """All that a daemon did from its start to its end, with music in the room."""
    if reason := can_trace() or ", ".join(missing_programs()):
        pytest.skip(reason)
    log = tmp_path_factory.mktemp("privacy") / "calls"
    with Stage() as stage:
        music = write_demo(stage.folder / "music.wav")
        with (
            Player(stage.pulse, [music]),
            Subscriber(stage.broker.port) as home,
        ):
            strace = stage.start(*STRACE, "-o", str(log))
            home.on(f"{NODE}/genre", timeout_s=60.0)
            home.json_on(f"{NODE}/telemetry", timeout_s=60.0)
            # strace passes no signal on to the program that it watches.
            _end(_child(strace.pid))
            assert strace.wait(30) == 0, stage.log.read_text()
    return read_calls(log), stage


def _child(pid: int) -> int:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return int(found.split()[0])


def _end(pid: int) -> None:
    """Send SIGTERM to the main thread: a tracer has the kernel choose any other."""
    ctypes.CDLL(None).tgkill(pid, pid, signal.SIGTERM)


def allowed(path: str, stage: Stage) -> bool:
    """Return whether a path is one of ``PLACES``."""
    state, runtime = re.escape(str(stage.state)), re.escape(str(stage.folder / "p"))
    patterns = (p.format(state=state, runtime=runtime) for p in PLACES)
    return any(re.match(pattern, path) for pattern in patterns)


def test_only_places_with_a_reason_are_opened_to_write(
    traced: tuple[list[Call], Stage],
) -> None:
    calls, stage = traced
    opened = {
        call.path
        for call in calls
        if call.name in ("open", "openat", "openat2", "creat")
        and re.search(r"O_WRONLY|O_RDWR|O_CREAT|O_TMPFILE", call.arguments)
    }
    made = {
        c.path for c in calls if re.match("rename|link|symlink|mkdir|mknod", c.name)
    }
    assert str(stage.history) in opened  # or the record would be worth nothing
    assert [path for path in opened | made if not allowed(path, stage)] == []


def test_only_broker_and_sound_server_are_connected(
    traced: tuple[list[Call], Stage],
) -> None:
    calls, stage = traced
    sound = str(stage.folder / "p" / "native")
    own = set()
    for call in calls:
        if call.name == "connect" and "AF_INET" in call.arguments:
            (port,) = re.findall(r"htons\((\d+)\)", call.arguments)
            own.add(int(port))
        elif call.name == "connect":
            assert call.path == sound, call
        if call.name == "socket":
            assert re.match("AF_(INET|UNIX|NETLINK)", call.arguments), call
    assert stage.broker.port in own
    # paho wakes its own thread through a pair of sockets on the loopback.
    assert len(own) <= 2
    inet = [
        c.arguments for c in calls if "AF_INET" in c.arguments and c.name == "connect"
    ]
    hosts = {_address(arguments) for arguments in inet}
    assert hosts == {"127.0.0.1"}


def _address(arguments: str) -> str:
    (host,) = re.findall(r'inet_addr\("([^"]*)"\)', arguments)
    return bytes.fromhex(host.replace("\\x", "")).decode()


def test_memory_is_shared_with_the_sound_server_and_the_history_only(
    traced: tuple[list[Call], Stage],
) -> None:
    calls, stage = traced
    shared = {
        call.target
        for call in calls
        if call.name == "mmap"
        and "MAP_SHARED" in call.arguments
        and "PROT_WRITE" in call.arguments
        and "MAP_ANONYMOUS" not in call.arguments
    }
    ours = [path for path in shared if not path.startswith("/memfd:pulseaudio")]
    assert [path for path in ours if not allowed(path, stage)] == []


def test_no_other_program_is_given_anything(traced: tuple[list[Call], Stage]) -> None:
    calls, _ = traced
    started = [call.texts[0].decode() for call in calls if call.name == "execve"]
    # Python looks the libraries up by name.
    assert {Path(path).name for path in started[1:]} <= {"ldconfig"}
    assert not [c for c in calls if c.name in ("io_uring_setup", "vmsplice", "tee")]


def test_what_is_written_and_sent_is_far_too_little_to_hold_sound(
    traced: tuple[list[Call], Stage],
) -> None:
    calls, _ = traced
    given = b"".join(
        text for call in calls if call.name in (*WRITES, *SENDS) for text in call.texts
    )
    assert b"SQLite format 3" in given  # or the record would be worth nothing
    assert b'"genre": ' in given
    # Sound hardly compresses, words and tables do: what is left is no sound.
    assert _content(given) < _content(poorest_sound()) / 4


def poorest_sound() -> bytes:
    """Return what was heard at the least, as a telephone would pass it on."""
    music = styles.render(0)[: round(HEARD_S * RATE)]
    thinned = music[:: RATE // TELEPHONE]
    return bytes((127 * thinned / np.abs(thinned).max()).astype(np.int8))


def _content(data: bytes) -> int:
    return len(zlib.compress(data, 9))
