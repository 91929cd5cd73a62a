"""From a data folder to a pretrained trunk in a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from genre_daemon.features.spec import FeatureSpec
from genre_train.durable import require_place
from genre_train.lessons import prepare_lessons
from genre_train.melroom import TRAINING_ROOMS, fit_rooms
from genre_train.nomusic import (
    ENVIRONMENT,
    FIT,
    FREE_MUSIC,
    MUSIC,
    SPEECH,
    list_sources,
    load_sounds,
)
from genre_train.pretraining import PretrainSettings, pretrain
from genre_train.progress import progress

if TYPE_CHECKING:
    from pathlib import Path

    from genre_train.embeddings import Embeddings


def make_trunk(
    folder: Path, embeddings: Embeddings, out: Path, settings: PretrainSettings
) -> str:
    """Pretrain and write the trunk; return a sentence about it.

    Raises
    ------
    ConfigError
        If something is missing in the folder or was not embedded, or the file cannot
        be written.
    """
    require_place(out, ".keras")
    spec = FeatureSpec()
    kinds = (SPEECH, ENVIRONMENT, MUSIC, FREE_MUSIC)
    sources = [one for one in list_sources(folder, kinds) if one.side == FIT]
    sounds = load_sounds(sources, spec)
    lessons = prepare_lessons(sounds, embeddings, spec, settings.n_targets)
    rooms = fit_rooms(TRAINING_ROOMS, spec)
    last = 0.0
    with progress("step", settings.steps) as step:

        def record(_number: int, error: float) -> None:
            nonlocal last
            last = error
            step(f"error {error:.3f}")

        trunk = pretrain(lessons, spec.n_mels, settings, rooms, record)
    partial = out.with_name(f"partial-{out.name}")
    trunk.save(partial)
    partial.replace(out)
    return (
        f"{out}: {len(lessons)} recordings, {settings.steps} steps, mean squared error "
        f"{last:.3f} of a variance of 1"
    )
