"""An imitation that was made before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.runs import RunFolder

if TYPE_CHECKING:
    from pathlib import Path


def open_imitation(path: Path, spec: FeatureSpec) -> Any:  # noqa: ANN401 - keras is untyped
    """Load an imitation, for music with these features.

    Raises
    ------
    ConfigError
        If there is none, or it hears others.
    """
    folder = RunFolder(path)
    if FeatureSpec.from_json(folder.config()["spec"]) != spec:
        raise ConfigError(
            f"{path} imitates by other features than those of the labelled music: make "
            "it again with 'genre-train imitate'"
        )
    return folder.load_model()
