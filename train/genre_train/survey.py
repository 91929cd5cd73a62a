"""Open what the user names, be it a folder or a list."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genre_daemon.errors import ConfigError
from genre_train.collection import Collection, survey_folder
from genre_train.listing import survey_listing

if TYPE_CHECKING:
    from pathlib import Path

ARRAYS = ".npz"
LISTING = ".csv"


def survey(path: Path) -> Collection:
    """Find the files of a collection, without opening them.

    Raises
    ------
    ConfigError
        If there is nothing to look into. What is wrong with a collection that is
        there is told in its ``problems``.
    """
    suffix = path.suffix.lower()
    if suffix == ARRAYS and not path.is_dir():
        raise ConfigError(
            f"{path} holds arrays, which need neither index nor features: go on with "
            f"'genre-train fit {path}'"
        )
    return survey_listing(path) if suffix == LISTING else survey_folder(path)
