"""Who a node is: an id that no other node on the broker shares.

It is made of the machine's own id, hashed so that it cannot be traced back, and the
name of the node. Home Assistant knows the device by it for as long as both stay.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import socket
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Sequence

ID = re.compile(r"genre_listen_([A-Za-z0-9_-]{1,64})_[0-9a-f]{8}")
"""Every id of a node; the group is its name."""

_PLACES = (Path("/etc/machine-id"), Path("/var/lib/dbus/machine-id"))
_MACHINE_ID = re.compile(r"[0-9a-f]{32}")
_MULTICAST = 1 << 40  # set where Python found no hardware address and drew lots


@dataclass(frozen=True)
class Identity:
    """A node's name and what sets it apart."""

    node: str
    """Name; 1 to 64 letters, digits, ``-`` and ``_``."""
    id: str
    """Matches ``ID``: differs for every machine and every name."""
    installation: str
    """16 hexadecimal digits that stay when the node is renamed."""

    @classmethod
    def of(cls, node: str, place: str = "", machine: str | None = None) -> Self:
        """Return the identity of a node on this machine.

        Parameters
        ----------
        node : str
        place : str
            What tells two daemons on one machine apart though one of them is renamed:
            the path of the configuration.
        machine : str, optional
            By default that of this machine.
        """
        machine = find_machine() if machine is None else machine
        return cls(
            node=node,
            id=f"genre_listen_{node}_{_digest(machine, 'node', node)[:8]}",
            installation=_digest(machine, "place", place)[:16],
        )


def find_machine(places: Sequence[Path] = _PLACES) -> str:
    """Return what identifies this machine, the same after every start.

    The machine id where there is one, else a hardware address, else the host name.
    """
    for path in places:
        try:
            text = path.read_text(encoding="ascii", errors="replace").strip()
        except OSError:
            continue
        if _MACHINE_ID.fullmatch(text):
            return text
    address = uuid.getnode()
    return socket.gethostname() if address & _MULTICAST else f"{address:012x}"


def _digest(machine: str, *words: str) -> str:
    # machine-id(5): never show the id itself, only a keyed hash for the application.
    message = "\0".join(("genre-listen", *words)).encode()
    return hmac.new(machine.encode(), message, hashlib.sha256).hexdigest()
