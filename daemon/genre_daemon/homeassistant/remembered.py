"""What was asked over MQTT, remembered over a restart.

Who switches listening off means it: the microphone must not come on again because the
power failed for a second. One small file, written only when something was asked.
"""

from __future__ import annotations

import json
import logging
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from pathlib import Path

_log = logging.getLogger(__name__)

_MAX_BYTES = 1_024


@dataclass(frozen=True)
class Remembered:
    """Wishes that outlast the process."""

    listening: bool = True
    threshold: float | None = None
    """0 to 1; None: what the configuration says."""

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the file; without one, nothing was asked.

        A file that is there but cannot be understood keeps the microphone closed:
        the only wish that must not be lost is the one for privacy.
        """
        try:
            text = path.read_text(encoding="utf-8")[:_MAX_BYTES]
        except FileNotFoundError:
            return cls()
        except (OSError, UnicodeDecodeError) as error:
            return cls._distrust(path, error)
        try:
            values = json.loads(text)
            listening, threshold = values["listening"], values["threshold"]
            if not isinstance(listening, bool):
                raise ValueError("listening is neither true nor false")  # noqa: TRY301
            if threshold is not None and not 0.0 <= float(threshold) <= 1.0:
                raise ValueError("threshold is not 0 to 1")  # noqa: TRY301
        except (ValueError, KeyError, TypeError, RecursionError) as error:
            return cls._distrust(path, error)
        return cls(listening, None if threshold is None else float(threshold))

    def save(self, path: Path) -> None:
        """Write the file, whole or not at all; a full disk is only logged."""
        partial = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("w", encoding="utf-8") as file:
                file.write(json.dumps(asdict(self)) + "\n")
                file.flush()
                os.fsync(file.fileno())  # or the new name could outlive its content
            partial.replace(path)
        except OSError as error:
            _log.warning("what was asked will be forgotten at a restart: %s", error)

    @classmethod
    def _distrust(cls, path: Path, error: Exception) -> Self:
        _log.warning(
            "%s cannot be understood (%s): listening stays off until it is switched on",
            path,
            error,
        )
        return cls(listening=False)
