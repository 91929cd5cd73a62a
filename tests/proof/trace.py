"""What a program did to files, sockets and memory, read from strace's log.

References
----------
strace(1): ``-f`` follows threads and children, ``-y`` names what a descriptor stands
for, ``-xx`` prints every byte of a string as two hexadecimal digits.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CALLS = (
    "open,openat,openat2,creat,rename,renameat,renameat2,link,linkat,symlink,symlinkat,"
    "mkdir,mkdirat,mknod,mknodat,memfd_create,execve,"
    "connect,bind,socket,"
    "write,pwrite64,writev,pwritev,pwritev2,sendto,sendmsg,sendmmsg,"
    "sendfile,splice,tee,vmsplice,copy_file_range,io_uring_setup,mmap"
)
"""System calls by which data can leave a process."""

STRACE = ("strace", "-f", "-y", "-qq", "-xx", "-s", "1000000", "-e", f"trace={CALLS}")
"""The command to put in front of a program, with ``-o FILE`` behind it."""

_LINE = re.compile(r"(?P<pid>\d+) +(?P<name>\w+)\((?P<rest>.*)", re.DOTALL)
_RESUMED = re.compile(r"(?P<pid>\d+) +<\.\.\. (?P<name>\w+) resumed>(?P<rest>.*)")
_HEX = re.compile(r'"((?:\\x[0-9a-f]{2})*)"')
_OBJECT = re.compile(r"<((?:\\x[0-9a-f]{2}|[^<>])*)>")


@dataclass(frozen=True)
class Call:
    """One system call that succeeded."""

    name: str
    arguments: str
    """As strace writes them, descriptors with what they stand for."""
    texts: tuple[bytes, ...]
    """The strings among the arguments."""
    target: str
    """What the first descriptor among the arguments stands for; may be empty."""
    result: str

    @property
    def path(self) -> str:
        """The last string, as a path: what was opened, or where it was renamed to."""
        return self.texts[-1].decode(errors="replace") if self.texts else ""


def read_calls(log: Path) -> list[Call]:
    """Return the calls in a log, in order, those that failed left out."""
    calls = (_parse(line) for line in _whole_lines(log))
    return [call for call in calls if call is not None]


def _whole_lines(log: Path) -> Iterator[str]:
    """Join calls that were interrupted by those of another thread."""
    begun: dict[str, str] = {}
    for line in log.read_text(errors="replace").splitlines():
        pid = line.partition(" ")[0]
        if line.endswith("<unfinished ...>"):
            begun[pid] = line.removesuffix("<unfinished ...>")
        elif resumed := _RESUMED.match(line):
            yield begun.pop(pid, "") + resumed["rest"]
        else:
            yield line


def _parse(line: str) -> Call | None:
    match = _LINE.match(line)
    if match is None:
        return None  # a signal, or the end of a thread
    arguments, _, result = match["rest"].rpartition(" = ")
    failed = result.startswith("-1") and "EINPROGRESS" not in result
    if failed or not arguments:
        return None
    texts = tuple(
        bytes.fromhex(text.replace("\\x", "")) for text in _HEX.findall(arguments)
    )
    named = _OBJECT.search(arguments)
    target = "" if named is None else _readable(named[1])
    return Call(match["name"], arguments, texts, target, result)


def _readable(text: str) -> str:
    return re.sub(r"\\x([0-9a-f]{2})", lambda m: chr(int(m[1], 16)), text)
