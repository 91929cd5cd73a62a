"""``genre-train index``: what a collection holds and what is wrong with it."""

# Typer reads the annotations of these parameters when it runs.
import json

import typer

from genre_train.commands.options import (
    AsJson,
    CachePath,
    CollectionPath,
    Dask,
    GroupBy,
    Jobs,
    Seed,
    Split,
    ValidFraction,
)

_NOT_TRAINABLE = 2


def index(  # noqa: PLR0913 - one parameter a flag
    collection: CollectionPath,
    *,
    split: Split = "auto",
    group_by: GroupBy = "auto",
    valid_fraction: ValidFraction = 0.2,
    seed: Seed = 0,
    cache: CachePath = None,
    jobs: Jobs = None,
    dask: Dask = None,
    as_json: AsJson = False,
) -> None:
    """Look through a collection: genres, unreadable files, copies, the split.

    Every file is decoded once and its features are kept, so that nothing is lost when
    this is stopped, and 'fit' can start at once. Exits with 2 if the collection cannot
    be trained on as it is.
    """
    from genre_train.index import build_index  # noqa: PLC0415 - imports are slow
    from genre_train.indextext import render  # noqa: PLC0415
    from genre_train.loading import DataSettings  # noqa: PLC0415
    from genre_train.parallel import usable_cores  # noqa: PLC0415

    settings = DataSettings(
        collection,
        valid_fraction=valid_fraction,
        seed=seed,
        cache=cache,
        split=split,
        group_by=group_by,
    )
    found = build_index(settings, jobs=jobs or usable_cores(), scheduler=dask)
    typer.echo(json.dumps(found.to_json(), indent=2) if as_json else render(found))
    raise typer.Exit(_NOT_TRAINABLE if found.problems else 0)
