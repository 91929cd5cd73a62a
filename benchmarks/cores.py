"""The processors of Raspberry Pis, as an emulator shows them to programs.

    python -m benchmarks.cores ROOT

writes the first one's ``/proc/cpuinfo`` into an unpacked system.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

_COUNT = 4


@dataclass(frozen=True)
class Core:
    """One of four equal cores."""

    name: str
    """As ``qemu-aarch64 -cpu help`` lists it."""
    part: int
    """MIDR_EL1.PartNum, as in Arm's technical reference manuals."""
    features: str
    """As Linux lists them; ``asimddp`` are the dot products of int8 kernels."""

    def show(self, root: Path) -> None:
        """Write ``/proc/cpuinfo`` into a root, where programs in qemu look first."""
        path = root / "proc" / "cpuinfo"
        path.parent.mkdir(exist_ok=True)
        path.write_text("".join(map(self._describe, range(_COUNT))))

    def _describe(self, number: int) -> str:
        return (
            f"processor\t: {number}\n"
            f"Features\t: {self.features}\n"
            "CPU implementer\t: 0x41\n"
            "CPU architecture: 8\n"
            "CPU variant\t: 0x0\n"
            f"CPU part\t: {self.part:#x}\n"
            "CPU revision\t: 4\n\n"
        )


A53 = Core("cortex-a53", 0xD03, "fp asimd evtstrm crc32 cpuid")
A72 = Core("cortex-a72", 0xD08, "fp asimd evtstrm crc32 cpuid")
A76 = Core(
    "cortex-a76",
    0xD0B,
    "fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm "
    "lrcpc dcpop asimddp",
)


if __name__ == "__main__":
    A53.show(Path(sys.argv[1]))
