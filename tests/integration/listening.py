"""Which addresses a process listens on, as the kernel tells it."""

from __future__ import annotations

import contextlib
import ipaddress
from pathlib import Path

_LISTENING = "0A"  # TCP_LISTEN in the kernel's net/tcp_states.h

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def listening_addresses(pid: int) -> dict[int, Address]:
    """Return the TCP ports that a process listens on, with their addresses."""
    process = Path(f"/proc/{pid}")
    own = set()
    for link in (process / "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed just now
            own.add(str(link.readlink()))
    found: dict[int, Address] = {}
    for table in ("tcp", "tcp6"):
        for line in (process / "net" / table).read_text().splitlines()[1:]:
            fields = line.split()
            host, _, port = fields[1].partition(":")
            if fields[3] == _LISTENING and f"socket:[{fields[9]}]" in own:
                found[int(port, 16)] = _address(host)
    return found


def _address(text: str) -> Address:
    # Words of 32 bits in the byte order of the machine, which is little-endian on
    # all that we run on.
    words = [bytes.fromhex(text[i : i + 8])[::-1] for i in range(0, len(text), 8)]
    return ipaddress.ip_address(b"".join(words))
