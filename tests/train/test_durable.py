"""Files that are whole or not there, whoever is killed while writing them."""

from __future__ import annotations

import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from genre_train.durable import SEAL_BYTES, is_sealed, replacing, sealing

if TYPE_CHECKING:
    from pathlib import Path

KILLED_WHILE_WRITING = """
import os, signal, sys
from pathlib import Path
from genre_train.durable import sealing
with sealing(Path(sys.argv[1])) as file:
    file.write(b"new" * 100_000)
    file.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_file_appears_only_when_all_is_written(tmp_path: Path) -> None:
    path = tmp_path / "new folder" / "x"
    with replacing(path) as file:
        file.write(b"content")
        assert not path.exists()
    assert path.read_bytes() == b"content"
    assert list(path.parent.iterdir()) == [path]


def test_a_failure_leaves_the_former_file(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"former")

    def fail() -> None:
        with replacing(path) as file:
            file.write(b"half")
            raise RuntimeError("on the way")

    with pytest.raises(RuntimeError, match="on the way"):
        fail()
    assert path.read_bytes() == b"former"
    assert list(tmp_path.iterdir()) == [path]


def test_a_seal_fits_its_content_only(tmp_path: Path) -> None:
    path = tmp_path / "x"
    assert not is_sealed(path)
    with sealing(path) as file:
        file.write(b"content")
    assert path.read_bytes()[:-SEAL_BYTES] == b"content"
    assert is_sealed(path)
    path.write_bytes(b"C" + path.read_bytes()[1:])
    assert not is_sealed(path)
    path.write_bytes(b"")
    assert not is_sealed(path)


def test_a_header_may_be_written_last(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with sealing(path) as file:
        file.write(b"????content")
        file.seek(0)
        file.write(b"head")
    assert path.read_bytes()[:-SEAL_BYTES] == b"headcontent"
    assert is_sealed(path)


def test_a_writer_that_is_killed_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with sealing(path) as file:
        file.write(b"former")
    before = path.read_bytes()
    done = subprocess.run(
        [sys.executable, "-c", KILLED_WHILE_WRITING, str(path)], check=False
    )
    assert done.returncode == -signal.SIGKILL
    assert path.read_bytes() == before
    assert is_sealed(path)
