"""What a run depends on besides its arguments: versions and the commit."""

from __future__ import annotations

import platform
import subprocess
from importlib import metadata
from pathlib import Path

from genre_train.backend import load_keras


def versions() -> dict[str, str]:
    """Return the versions of Python, Keras with its backend, and what it rests on."""
    keras = load_keras()

    backend = keras.backend.backend()
    found = {"python": platform.python_version(), "keras_backend": backend}
    for name in ("genre-listen", "keras", "numpy", backend):
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed as a package"
    return found


def commit() -> str | None:
    """Return the commit of the checkout this runs from, ``-dirty`` if it was changed.

    None where it runs from an installed package, or without git.
    """
    root = Path(__file__).resolve().parents[2]
    if not (root / ".git").exists():
        return None
    try:
        answer = subprocess.run(
            ["git", "describe", "--always", "--abbrev=12", "--dirty"],  # noqa: S607 - git is where PATH says
            cwd=root,
            capture_output=True,
            check=True,
            text=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return None
    return answer.stdout.strip()
