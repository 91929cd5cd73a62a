"""What a source of audio is: microphone, file and demo all look like this.

Conventions
-----------
Samples are float32 in [-1, 1], finite, shape (n,) for one channel or (n, channels)
for several. Rates are in hertz. A block is at most a hop (1 s) long.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, Self

from genre_daemon.errors import AudioError

if TYPE_CHECKING:
    from types import TracebackType

    import numpy as np
    from numpy.typing import NDArray


STALL_S = 2.0
"""Seconds without a sample after which a source counts as stalled."""

START_S = 5.0
"""The same before the first sample: a device or server that sleeps takes a while."""


class NoMicrophone(AudioError):  # noqa: N818 - a finding about the machine, not a fault
    """There is no device to listen to, or none of the wanted name."""


class SourceEnded(AudioError):  # noqa: N818 - for a file this is no error at all
    """A source that has nothing more to give: the message says why."""


class SourceFinished(SourceEnded):
    """A source that is over for good: a file at its end, a pipe that was closed."""


class NoAnswer(AudioError):  # noqa: N818 - a finding, as those above
    """The sound system hangs: whether there is a microphone cannot be told."""


@dataclass(frozen=True)
class Block:
    """Samples from a source, and what was lost on the way."""

    samples: NDArray[np.float32]
    """Shape (n,) or (n, channels), finite, in [-1, 1]; n may be 0 after a gap."""
    lost_s: float = 0.0
    """Seconds of audio lost just before this block: no frame may span that gap."""


class Source(Protocol):
    """Audio from the world, to be used as a context manager.

    Entering opens the source and may raise ``AudioError``; leaving closes it and
    frees the device. Some sources can be entered again afterwards.
    """

    @property
    def name(self) -> str:
        """Name for people, as ``USB PnP Sound Device``."""
        ...

    @property
    def rate(self) -> int:
        """Hertz; known once the first block has come."""
        ...

    @property
    def live(self) -> bool:
        """Whether it carries a room, which is never quite still, or a recording."""
        ...

    @property
    def overflows(self) -> int:
        """Gaps in the audio since the source was entered."""
        ...

    def __enter__(self) -> Self:
        """Open the source.

        Raises
        ------
        AudioError
            If it cannot be opened, with the remedy.
        """
        ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the source."""
        ...

    def read(self, timeout_s: float) -> Block | None:
        """Wait for the next block.

        Parameters
        ----------
        timeout_s : float >= 0
            Seconds to wait at most.

        Returns
        -------
        Block or None
            None if nothing came within the time.

        Raises
        ------
        SourceEnded
            When the source is over: a file at its end, a device unplugged.
        AudioError
            When what came cannot be used, as a file with NaN samples.
        """
        ...
