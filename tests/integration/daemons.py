"""The daemon as a process of its own, as systemd or a person starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


@contextmanager
def daemon(
    *arguments: str,
    environ: Mapping[str, str] | None = None,
    inside: Sequence[str] = (),
) -> Iterator[subprocess.Popen[str]]:
    """Run ``genre-daemon run``; kill it if it is still there at the end.

    It keeps its state in a folder of its own, unless ``environ`` names another.
    ``inside`` goes before the command, as ``ip netns exec`` does.
    """
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as state:
        process = subprocess.Popen(
            [*inside, sys.executable, "-m", "genre_daemon", "run", *arguments],
            env={**os.environ, "XDG_STATE_HOME": state, **(environ or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            yield process
        finally:
            process.kill()
            process.communicate()
