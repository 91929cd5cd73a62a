"""From folders of recordings to streaming figures, or to a fitted bundle."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field, replace
from itertools import combinations
from typing import TYPE_CHECKING, Any

from genre_daemon.errors import ConfigError
from genre_daemon.inference.bundle import (
    Bundle,
    Calibration,
    read_bundle,
    write_bundle,
)
from genre_train.progress import progress
from genre_train.streaming.fit import Fitted, fit
from genre_train.streaming.hearing import Heard, hear
from genre_train.streaming.model import Model, open_model
from genre_train.streaming.playlists import PlaylistSettings, draw_playlist
from genre_train.streaming.recordings import TooFewGenresError, read_music, read_others
from genre_train.streaming.reliability import (
    judge_predictions,
    judge_verdicts,
    together,
)
from genre_train.streaming.report import (
    Part,
    as_json,
    as_text,
    compare,
    reliability_text,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

logger = logging.getLogger(__name__)

DEFAULT_LENGTH = 8
"""Moving average to compare with, where none was fitted."""
STEADY_LENGTH = 20
"""Another one to compare with: late, but steadier than any other smoother."""


@dataclass(frozen=True)
class Material:
    """What playlists are stitched from."""

    music: Path
    """Folder of recordings whose genre their folder or name tells."""
    others: tuple[Path, ...] = ()
    """Folders of speech and household sound."""
    playlists: int = 8
    seed: int = 0
    settings: PlaylistSettings = field(default_factory=PlaylistSettings)


FIT, SCORE = 0, 1
"""Halves of the sounds without music: one to fit on, one to score on."""


def listen(
    model: Model, material: Material, half: int
) -> tuple[list[Heard], list[str]]:
    """Stitch playlists and hear them; also return the names of the recordings.

    Recordings of tracks that the model learned from, as a run tells, are left out.

    Raises
    ------
    ConfigError
        If too little is left.
    """
    rate = model.info.spec.sample_rate
    music = read_music(
        material.music, model.info.labels, rate, without=model.learned_from
    )
    others = read_others(material.others, rate, half)
    heard = []
    with progress("listening", material.playlists) as step:
        for number in range(material.playlists):
            playlist = draw_playlist(
                music, others, rate, (material.seed, number), material.settings
            )
            heard.append(hear(playlist, model))
            step(f"{len(heard[-1].predictions)} predictions")
    return heard, sorted({one.name for one in music})


def evaluate_streaming(path: Path, material: Material) -> dict[str, Any]:
    """Return the streaming figures of a run or a bundle."""
    model = open_model(path)
    heard, names = listen(model, material, SCORE)
    fitted = model.info.metrics.get("smoothing", {})
    length = fitted.get("average_length", DEFAULT_LENGTH)
    part = Part(heard, model.info.calibration, _averages(length))
    overlap = set(names) & set(fitted.get("fitted_on", ()))
    return _figures([part], model.info.labels, names) | {
        "also_fitted_on": sorted(overlap)
    }


def evaluate_in_turn(runs: Sequence[Path], material: Material) -> dict[str, Any]:
    """Return the streaming figures of runs that share the recordings among them.

    Each run hears the recordings that it did not learn from, as the runs of a
    cross-validation do with all, smoothed by numbers that were fitted to what the
    *others* heard: neither network nor smoother knows what it is scored on.

    Raises
    ------
    ConfigError
        If fewer than two of them have something to hear, two of them hear the same
        recording, or their labels differ.
    """
    labels = open_model(runs[0]).info.labels
    heard, names = _share(runs, labels, runs[0], material, halves=(FIT, SCORE))
    played = [
        {span.name for half in halves for one in half for span in one.spans}
        for halves in heard
    ]
    if any((a & b) & set(names) for a, b in combinations(played, 2)):
        raise ConfigError(
            "two of these runs have not learned the same recording, so that no numbers "
            "could be fitted without it: name the folds of one cross-validation"
        )
    if len(heard) < 2:  # noqa: PLR2004 - one to fit on, one to score
        raise ConfigError(
            f"{len(heard)} of {len(runs)} runs have recordings to hear that they did "
            "not learn from: give the folds of a cross-validation of these recordings"
        )
    parts = []
    for place, (_, to_score) in enumerate(heard):
        others = [
            one for i, (some, _) in enumerate(heard) if i != place for one in some
        ]
        fitted = fit(others, labels)
        calibration = Calibration(filter=fitted.filter, threshold=fitted.threshold)
        parts.append(Part(to_score, calibration, _averages(fitted.average_length)))
    return _figures(parts, labels, names) | {"also_fitted_on": []}


def _share(  # noqa: PLR0913 - what is heard, by whom, and who has to agree
    sources: Sequence[Path],
    labels: tuple[str, ...],
    owner: Path,
    material: Material,
    *,
    halves: tuple[int, ...],
    calibration: Calibration | None = None,
) -> tuple[list[list[list[Heard]]], list[str]]:
    """Have each network hear the recordings that it did not learn from.

    One of several that is left with recordings of one genre is passed over.

    Parameters
    ----------
    labels : tuple of str
        Of ``owner``; all must have them.

    Returns
    -------
    heard : list of list of list of Heard
        For each network that had something to hear, for each of the halves.
    names : list of str
        Of the recordings.
    """
    heard: list[list[list[Heard]]] = []
    names: set[str] = set()
    for source in sources:
        model = open_model(source, calibration)
        if model.info.labels != labels:
            raise ConfigError(
                f"{source} has the labels {', '.join(model.info.labels)}, but {owner} "
                f"has {', '.join(labels)}: name a network with the same"
            )
        try:
            told = [listen(model, material, half) for half in halves]
        except TooFewGenresError as error:
            if source is sources[-1] and not heard:
                raise
            logger.warning("%s is passed over: %s", source, error)
            continue
        heard.append([playlists for playlists, _ in told])
        names.update(told[0][1])
    return heard, sorted(names)


def _averages(length: int) -> tuple[int, int]:
    return length, STEADY_LENGTH


def _figures(
    parts: Sequence[Part], labels: Sequence[str], names: Sequence[str]
) -> dict[str, Any]:
    found = compare(parts, labels)
    verdicts = [
        judge_verdicts(part.heard, labels, [part.calibration.filter])[0]
        for part in parts
    ]
    heard = [one for part in parts for one in part.heard]
    reliability = {
        "predictions": judge_predictions(heard, labels),
        "verdicts": together(verdicts),
    }
    return {
        "playlists": len(heard),
        "hours": round(sum(one.spans[-1].end_s for one in heard) / 3600, 2),
        "recordings": names,
        "figures": as_json(found),
        "calibration_error": {
            name: round(one.calibration_error(), 4) for name, one in reliability.items()
        },
        "reliability": {name: one.bins() for name, one in reliability.items()},
        "risk_coverage": {
            name: one.risk_coverage() for name, one in reliability.items()
        },
        "text": f"{as_text(found)}\n\n{reliability_text(reliability)}",
    }


def fit_bundle(
    sources: Sequence[Path],
    into: Path,
    material: Material,
    *,
    keep_threshold: bool = False,
) -> Fitted:
    """Fit the smoother of a bundle and write it there.

    Parameters
    ----------
    sources : sequence of Path
        Runs, or bundles whose network did not hear the recordings. Each run hears
        only recordings of tracks that it did not learn from, so those of a
        cross-validation hear all of them. A run of several that is left with
        recordings of one genre is passed over.
    into : Path
        Bundle of the same labels.
    keep_threshold : bool
        Leave the threshold of ``into`` as it is.

    Raises
    ------
    ConfigError
        If a source has other labels than the bundle, or too little to hear.
    """
    target = read_bundle(into)
    labels, calibration = target.info.labels, target.info.calibration
    shared, names = _share(
        sources, labels, into, material, halves=(FIT,), calibration=calibration
    )
    fitted = fit([one for (heard,) in shared for one in heard], labels)
    if keep_threshold:
        fitted = replace(fitted, threshold=calibration.threshold)
    write_fitted(target, fitted, names)
    return fitted


def write_fitted(bundle: Bundle, fitted: Fitted, names: Sequence[str]) -> None:
    """Write what was found into a bundle, with where it was found."""
    info = bundle.info
    calibration = replace(
        info.calibration, filter=fitted.filter, threshold=fitted.threshold
    )
    smoothing = {"fitted_on": list(names), "average_length": fitted.average_length}
    described = replace(
        info,
        calibration=calibration,
        metrics={**info.metrics, "smoothing": smoothing},
    )
    write_bundle(bundle.path, bundle.flatbuffer, described)
