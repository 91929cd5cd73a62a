"""What a model card has to say besides figures: limits, licence and what follows."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genre_daemon.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.dataset import DataSet


def read_notes(path: Path | None) -> list[str]:
    """Read sentences from a text file, one a line.

    Raises
    ------
    ConfigError
        If it cannot be read.
    """
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"cannot read the notes {path}: {error}") from error
    return [line.strip() for line in lines if line.strip()]


def short_windows(data: DataSet) -> list[str]:
    """Say so if training saw less of each track than the daemon hears at once."""
    seen, heard = data.train.patches.shape[1], data.spec.patch_frames
    if seen >= heard:
        return []
    seen_s, heard_s = (
        n * data.spec.hop_length / data.spec.sample_rate for n in (seen, heard)
    )
    told = (
        f"Trained and measured on windows of {seen_s:.1f} s; the daemon hears "
        f"{heard_s:.1f} s at once."
    )
    return [told]
