"""Certificates of an authority of our own, made with the openssl command."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-noenc")


@dataclass(frozen=True)
class Certificate:
    """A certificate and its key, as PEM files."""

    file: Path
    key: Path


class Authority:
    """Signs certificates; its own is to be trusted.

    Parameters
    ----------
    folder : Path
    name : str
    """

    def __init__(self, folder: Path, name: str) -> None:
        if shutil.which("openssl") is None:
            if os.environ.get("CI") == "true":
                pytest.fail("openssl is not installed: apt-get install openssl")
            pytest.skip("openssl is not installed")
        self._folder = folder
        self.own = Certificate(folder / f"{name}.pem", folder / f"{name}.key")
        _openssl(
            *("req", "-x509", *_KEY, "-subj", f"/CN={name}", "-days", "2"),
            *("-keyout", self.own.key, "-out", self.own.file),
        )

    def sign(
        self, name: str, *, hosts: str = "IP:127.0.0.1", days: int = 2
    ) -> Certificate:
        """Return a new certificate.

        Parameters
        ----------
        name : str
        hosts : str
            Subject alternative names, as openssl writes them.
        days : int
            Until it expires; negative: so long ago.
        """
        made = Certificate(self._folder / f"{name}.pem", self._folder / f"{name}.key")
        request = self._folder / f"{name}.csr"
        extensions = self._folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={hosts}\n")
        _openssl(
            *("req", *_KEY, "-subj", f"/CN={name}"),
            *("-keyout", made.key, "-out", request),
        )
        _openssl(
            *("x509", "-req", "-in", request, "-days", str(days)),
            *("-CA", self.own.file, "-CAkey", self.own.key, "-CAcreateserial"),
            *("-extfile", extensions, "-out", made.file),
        )
        return made


def _openssl(*arguments: str | Path) -> None:
    done = subprocess.run(
        ["openssl", *arguments], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
