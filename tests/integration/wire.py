"""A bad network: two namespaces, and a wire between them that loses and delays.

Each end is a TUN device in a namespace of its own; this process carries the packets
from one to the other and drops some. Unlike ``tc netem`` it needs no kernel module,
and the dice are seeded.
"""

from __future__ import annotations

import fcntl
import heapq
import os
import random
import select
import shutil
import struct
import subprocess
import threading
import time
from typing import TYPE_CHECKING, Self

import pytest

if TYPE_CHECKING:
    from types import TracebackType

NEAR, FAR = "10.99.0.1", "10.99.0.2"
"""Addresses of the two ends."""

# <linux/if_tun.h>
_TUNSETIFF = 0x400454CA
_IFF_TUN, _IFF_NO_PI = 0x0001, 0x1000
_LARGEST = 2_048  # bytes; a TUN device passes on 1500


class Wire:
    """Two network namespaces and the wire between them, as a context manager.

    Parameters
    ----------
    loss : float, 0 to 1
        Share of the packets that is dropped, in either direction.
    delay_s : float
        Longest time that a packet takes; packets may overtake one another.
    """

    def __init__(self, *, loss: float, delay_s: float) -> None:
        self._loss, self._delay_s = loss, delay_s
        self._dice = random.Random(440)  # noqa: S311 - a lossy wire, no secret
        self._names = [f"gl{os.getpid()}{end}" for end in "nf"]
        self._ends: list[int] = []
        self._stop, self._stopper = os.pipe()
        self._thread = threading.Thread(target=self._carry)
        self.lost = 0
        """Packets dropped so far."""

    def __enter__(self) -> Self:
        try:
            self._lay()
        except BaseException:  # a skip, too, must leave nothing behind
            self._clear_away()
            raise
        self._thread.start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        os.close(self._stopper)
        self._thread.join()
        os.close(self._stop)
        self._clear_away()

    @property
    def near(self) -> list[str]:
        """What to put before a command to run it at the near end."""
        return ["ip", "netns", "exec", self._names[0]]

    @property
    def far(self) -> list[str]:
        """What to put before a command to run it at the far end."""
        return ["ip", "netns", "exec", self._names[1]]

    def _lay(self) -> None:
        for name, own, other in zip(self._names, (NEAR, FAR), (FAR, NEAR), strict=True):
            self._ends.append(_open_end(name))
            for command in (
                f"netns add {name}",
                f"link set {name} netns {name}",
                f"-n {name} link set lo up",
                f"-n {name} address add {own} peer {other} dev {name}",
                f"-n {name} link set {name} up",
            ):
                _ip(command)

    def _clear_away(self) -> None:
        for end in self._ends:
            os.close(end)
        for name in self._names:
            subprocess.run(
                ["ip", "netns", "del", name], check=False, capture_output=True
            )

    def _carry(self) -> None:
        near, far = self._ends
        opposite = {near: far, far: near}
        due: list[tuple[float, int, bytes]] = []
        while True:
            timeout_s = max(0.0, due[0][0] - time.monotonic()) if due else None
            ready, _, _ = select.select((near, far, self._stop), (), (), timeout_s)
            if self._stop in ready:
                return
            for end in ready:
                packet = os.read(end, _LARGEST)
                if self._dice.random() < self._loss:
                    self.lost += 1
                    continue
                at = time.monotonic() + self._dice.uniform(0.0, self._delay_s)
                heapq.heappush(due, (at, opposite[end], packet))
            while due and due[0][0] <= time.monotonic():
                _, end, packet = heapq.heappop(due)
                os.write(end, packet)


def _open_end(name: str) -> int:
    """Return a new TUN device; it stays ours in whatever namespace it goes to."""
    if shutil.which("ip") is None:
        pytest.skip("iproute2 is not installed")
    try:
        end = os.open("/dev/net/tun", os.O_RDWR)
        fcntl.ioctl(
            end,
            _TUNSETIFF,
            struct.pack("16sH22x", name.encode(), _IFF_TUN | _IFF_NO_PI),
        )
    except OSError as error:
        pytest.skip(f"no TUN device can be made here (as root?): {error}")
    return end


def _ip(arguments: str) -> None:
    done = subprocess.run(
        ["ip", *arguments.split()], check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        pytest.skip(f"'ip {arguments}' is refused here: {done.stderr.strip()}")
