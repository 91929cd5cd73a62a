"""Where and when figures were taken."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("numpy", "ai-edge-litert", "librosa", "keras")
_MODELS = {  # of /proc/cpuinfo, and of the device tree of boards
    Path("/proc/device-tree/model"): "",
    Path("/proc/cpuinfo"): "model name",
}


def machine() -> str:
    """Return a line that says what was measured on, and how busy it was."""
    packages = ", ".join(f"{name} {version(name)}" for name in _PACKAGES)
    load = " ".join(f"{one:.1f}" for one in os.getloadavg())
    return (
        f"{datetime.now(UTC):%Y-%m-%d}, {_processor()}, {os.cpu_count()} cores, "
        f"load {load}; Python {platform.python_version()}, {packages}"
    )


def _processor() -> str:
    for path, key in _MODELS.items():
        if not path.is_file():
            continue
        for line in path.read_text(errors="replace").splitlines():
            name, _, value = line.rpartition(":")
            if name.startswith(key):
                return f"{platform.machine()} ({value.strip(chr(0) + ' ')})"
    return platform.machine()
