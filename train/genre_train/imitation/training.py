"""Train the imitation, and leave a run folder.

Its network is the trunk alone; the layer by which it was taught is not kept. It has
seen no label, so that one serves every division of the labelled music.
"""

from __future__ import annotations

import math
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from genre_daemon.errors import ConfigError
from genre_daemon.features.spec import FeatureSpec
from genre_train.checkpoint import Checkpoint, put, take
from genre_train.fusing import fused
from genre_train.imitation.excerpts import Excerpts
from genre_train.imitation.hearing import Hearing, hear, hear_takes
from genre_train.imitation.network import MEASURED, compile_for, explained, networks
from genre_train.imitation.opening import open_imitation
from genre_train.imitation.slimming import begin_with
from genre_train.nomusic import FIT, FREE_MUSIC, HELD_OUT, MUSIC, list_sources
from genre_train.progress import progress
from genre_train.runs import FINISHED, RunFolder
from genre_train.surroundings import commit, versions
from genre_train.variation import vary

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from concurrent.futures import Future

    from numpy.typing import NDArray

    from genre_train.heads import Scale
    from genre_train.imitation.excerpts import Heard
    from genre_train.imitation.network import ImitationSettings
    from genre_train.nomusic import Source

    _Batch = tuple[NDArray[np.float32], NDArray[np.float32]]

_ROUNDS = 48  # at most, each of which ends with a checkpoint
_COLUMNS = ["step", "loss", "seconds"]


def imitate(
    folder: Path,
    out: Path,
    settings: ImitationSettings,
    *,
    jobs: int,
    cache: Path | None = None,
) -> str:
    """Train on the music of a data folder, by default but for what is held out.

    A training that was stopped is gone on with.

    Parameters
    ----------
    jobs : int
        Processes in which musicnn hears the recordings.
    cache : Path, optional
        Folder to keep in what was heard: another training need not hear it again, nor
        this one if it is stopped.

    Returns
    -------
    str
        What came of it, for people.

    Raises
    ------
    ConfigError
        If recordings or musicnn are missing, the folder cannot be used, or the
        imitation to begin from is of no use.
    AudioError
        If a recording cannot be decoded.
    """
    run, spec = RunFolder(out), FeatureSpec()
    run.unfinished()  # so that nothing is heard in vain
    sources = list_sources(folder, (MUSIC, FREE_MUSIC))
    network, taught = networks(spec, settings)
    if settings.begun_from is not None:
        earlier = Path(settings.begun_from)
        begin_with(network, open_imitation(earlier, spec))
        _require_news(earlier, _sides(sources, settings))
    config = _describe(folder, settings, spec, sources)
    how = Hearing(spec, jobs, settings.takes, cache)
    with run.held() as unfinished:
        if unfinished and run.has_checkpoint:
            run.require_same(config)
        else:
            run.write_first(config, _sides(sources, settings), _COLUMNS)
        known = Excerpts(
            _hear_to_learn(sources, settings, how),
            spec.chunk_frames,
            settings.room,
        )
        scale = known.scale()
        _train(run, taught, _Lessons(known, scale, settings))
        run.save_model(network)
        text = "it has learned from all, and there is nothing left to measure it on"
        if not settings.everything:
            held_out = hear(_of(sources, HELD_OUT), how)
            told = explained(taught, Excerpts(held_out, spec.chunk_frames), scale)
            run.save_metrics({"explained_variance": told, "excerpts": MEASURED})
            text = _in_words(told)
        run.mark(FINISHED, run.state()["epochs"])
    return f"imitation {out} ({FINISHED}): {text}"


def _hear_to_learn(
    sources: Sequence[Source], settings: ImitationSettings, how: Hearing
) -> list[Heard]:
    heard = hear_takes(_of(sources, FIT), how)
    if settings.everything:
        # For itself, so that no mixture changes by it.
        heard += hear_takes(_of(sources, HELD_OUT), how)
    return heard


def _require_news(earlier: Path, sides: Sequence[tuple[str, str, str]]) -> None:
    """Complain if an imitation has learned from what is to be held out."""
    known = RunFolder(earlier).sides()
    for name, _, side in sides:
        if side != FIT and known.get(name) == FIT:
            raise ConfigError(
                f"{earlier} has learned from {name}, which is held out: begin with one "
                "that has not, or learn from it --everything, too"
            )


def _of(sources: Sequence[Source], side: str) -> list[Source]:
    return [one for one in sources if one.side == side]


def _in_words(told: dict[str, float]) -> str:
    shares = ", ".join(f"{share:.3f} of its {part}" for part, share in told.items())
    return (
        f"of the variance of musicnn in {MEASURED} held-out excerpts it tells {shares}"
    )


@dataclass(frozen=True)
class _Lessons:
    """What it is shown, step by step."""

    known: Excerpts
    scale: Scale
    settings: ImitationSettings

    def ahead(self, steps: Iterable[int]) -> Iterator[_Batch]:
        """Yield what is shown at each step; the next is drawn while one is learned."""
        with ThreadPoolExecutor(max_workers=1) as pool:
            coming: Future[_Batch] | None = None
            for step in steps:
                drawn, coming = coming, pool.submit(self.draw, step)
                if drawn is not None:
                    yield drawn.result()
            if coming is not None:
                yield coming.result()

    def draw(self, step: int) -> _Batch:
        """Return levels and moments, as :meth:`Excerpts.draw` does, changed."""
        # Each draws for itself, so that nothing of a generator has to be kept.
        rng = np.random.default_rng([self.settings.seed, step])
        levels, moments = self.known.draw(rng, self.settings.batch_size)
        shown = vary(levels, rng, self.settings.augment)
        return shown[..., None], self.scale.apply(moments)


def _train(run: RunFolder, taught: Any, lessons: _Lessons) -> None:  # noqa: ANN401 - keras is untyped
    """Train to the end, from the last checkpoint on if there is one."""
    learner, steps = fused(taught), lessons.settings.steps
    compile_for(learner, lessons.settings)
    kept = run.load_checkpoint()
    if kept is not None:
        put(learner, kept.arrays)
    done, spent = (0, 0.0) if kept is None else (kept.epoch, kept.seconds)
    begin, each = time.monotonic() - spent, math.ceil(steps / _ROUNDS)
    with progress("round", math.ceil(steps / each), done) as advance:
        for first in range(done * each, steps, each):
            shown = range(first, min(first + each, steps))
            losses = [learner.train_on_batch(*drawn) for drawn in lessons.ahead(shown)]
            loss, seconds = float(np.mean(losses)), time.monotonic() - begin
            done += 1
            run.append_row([shown.stop, loss, seconds])
            run.save_checkpoint(Checkpoint(done, seconds, {}, take(learner)))
            advance(f"loss {loss:.3f}")


def _sides(
    sources: Sequence[Source], settings: ImitationSettings
) -> list[tuple[str, str, str]]:
    return [
        (one.name, one.kind, FIT if settings.everything else one.side)
        for one in sources
    ]


def _describe(
    folder: Path,
    settings: ImitationSettings,
    spec: FeatureSpec,
    sources: Sequence[Source],
) -> dict[str, Any]:
    return {
        "started": datetime.now(UTC).isoformat(timespec="seconds"),
        "settings": asdict(settings) | {"augment": asdict(settings.augment)},
        "spec": spec.to_json(),
        "data": {
            "path": str(folder.resolve()),
            "recordings": len(sources),
            "held_out": sum(side != FIT for *_, side in _sides(sources, settings)),
        },
        "versions": versions(),
        "commit": commit(),
    }
