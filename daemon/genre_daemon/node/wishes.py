"""What was asked of a running node: whether to listen, and how sure to be."""

from __future__ import annotations

import logging
import threading
from typing import TYPE_CHECKING

from genre_daemon.homeassistant.remembered import Remembered
from genre_daemon.node.commands import Listening

if TYPE_CHECKING:
    from pathlib import Path

    from genre_daemon.node.commands import Threshold

_log = logging.getLogger(__name__)

_SAVE_S = 2.0  # a disk that takes longer is not waited for


class Wishes:
    """Wishes of the home, kept over a restart.

    Parameters
    ----------
    path : Path
        File that remembers them.
    threshold : float, 0 to 1
        What the configuration says, until somebody asks for another.
    """

    def __init__(self, path: Path, threshold: float) -> None:
        self._path = path
        self._remembered = Remembered.load(path)
        self._configured = threshold
        self._listening = threading.Event()
        if self._remembered.listening:
            self._listening.set()
        self._saved = threading.Event()
        self._saved.set()

    @property
    def listening(self) -> bool:
        """Whether the microphone may be open."""
        return self._listening.is_set()

    def settled(self) -> bool:
        """Return whether to listen, once that is sure to outlast the process."""
        self._saved.wait(_SAVE_S)
        return self.listening

    @property
    def threshold(self) -> float:
        """Confidence, 0 to 1, under which verdicts are ``unknown``."""
        asked = self._remembered.threshold
        return self._configured if asked is None else asked

    def wait_for_listening(self, timeout_s: float) -> bool:
        """Wait until listening is wanted; return whether it is."""
        return self._listening.wait(timeout_s)

    def obey(self, command: Listening | Threshold) -> None:
        """Take a wish; called on the connection's thread."""
        self._saved.clear()
        if isinstance(command, Listening):
            # Before it is written down: a microphone does not wait for a disk.
            (self._listening.set if command.on else self._listening.clear)()
            _log.info("listening is switched %s", "on" if command.on else "off")
        asked = self._remembered.threshold
        self._remembered = Remembered(
            listening=self.listening,
            threshold=asked if isinstance(command, Listening) else command.value,
        )
        self._remembered.save(self._path)
        self._saved.set()
