"""Fill the cache with the features of a collection."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

from genre_daemon.features.spec import FeatureSpec
from genre_train.cache import FeatureCache, default_cache
from genre_train.examine import examine
from genre_train.parallel import spread
from genre_train.survey import survey

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from genre_train.examine import Examined


@dataclass(frozen=True)
class Filled:
    """What was done."""

    cache: str
    """The folder, with that of the spec."""
    computed: int
    """Files whose features were computed now."""
    kept: int
    """Files whose features were there already."""
    minutes: float
    """Length of all of them."""
    computed_minutes: float
    """Length of those that were computed now."""
    elapsed_s: float
    """How long that took."""
    unreadable: dict[str, str]
    """Why, by the file's name."""

    def to_json(self) -> dict[str, Any]:
        """Return it as a JSON object."""
        return asdict(self)

    def render(self) -> str:
        """Write it for people."""
        done = f"{self.computed} file(s) computed, {self.kept} there already"
        lines = [f"{done}, {self.minutes:.1f} minutes in {self.cache}"]
        if self.computed:
            speed = 60 * self.computed_minutes / self.elapsed_s
            lines.append(
                f"{self.computed / self.elapsed_s:.1f} files a second, "
                f"{speed:.0f} hours of audio an hour"
            )
        if self.unreadable:
            lines.append(f"{len(self.unreadable)} file(s) cannot be used:")
            lines += [f"  {reason}" for reason in self.unreadable.values()]
        return "\n".join(lines)


def fill(
    collection: Path, folder: Path | None, *, jobs: int, scheduler: str | None
) -> Filled:
    """Compute what is missing.

    Raises
    ------
    ConfigError
        If there is no collection, or it cannot be trained on.
    """
    tracks = survey(collection).require().tracks
    cache = FeatureCache((folder or default_cache()).resolve(), FeatureSpec())
    cache.sweep()
    begin = time.monotonic()
    found = spread(
        partial(examine, cache=cache),
        tracks,
        title="features",
        jobs=jobs,
        scheduler=scheduler,
    )
    done = [one for one in found if not one.fault]
    kept = sum(one.cached for one in done)
    return Filled(
        cache=str(cache.folder / cache.spec.digest),
        computed=len(done) - kept,
        kept=kept,
        minutes=_minutes(done),
        computed_minutes=_minutes([one for one in done if not one.cached]),
        elapsed_s=round(time.monotonic() - begin, 2),
        unreadable={one.track.name: one.fault for one in found if one.fault},
    )


def _minutes(files: Sequence[Examined]) -> float:
    return round(sum(one.seconds for one in files) / 60, 2)
