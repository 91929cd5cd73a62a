"""The estimate for Raspberry Pis: what the emulator shows, and the arithmetic."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from benchmarks.cores import A53, A76
from benchmarks.pi import Board

if TYPE_CHECKING:
    from pathlib import Path


def test_programs_in_the_emulator_see_an_arm(tmp_path: Path) -> None:
    A53.show(tmp_path)
    shown = (tmp_path / "proc" / "cpuinfo").read_text()
    assert shown.count("processor") == 4
    assert "CPU part\t: 0xd03\n" in shown


def test_a_share_is_instructions_over_speed() -> None:
    board = Board("5", A76, mhz=2400, mips=3000)
    assert board.share(30e6, cautious=False) == pytest.approx(0.01)
    assert board.share(30e6, cautious=True) == pytest.approx(0.025)
