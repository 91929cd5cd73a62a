"""``genre-train features``: the features of a collection, computed ahead."""

# Typer reads the annotations of these parameters when it runs.
import json

import typer

from genre_train.commands.options import AsJson, CachePath, CollectionPath, Dask, Jobs


def features(
    collection: CollectionPath,
    *,
    cache: CachePath = None,
    jobs: Jobs = None,
    dask: Dask = None,
    as_json: AsJson = False,
) -> None:
    """Compute the features of every file and keep them.

    What is there already is not computed again, so that after a power cut the same
    command goes on where it was. With --dask, the workers need this package and must
    see the files and the cache under the same paths.
    """
    from genre_train.filling import fill  # noqa: PLC0415 - imports are slow
    from genre_train.parallel import usable_cores  # noqa: PLC0415

    filled = fill(collection, cache, jobs=jobs or usable_cores(), scheduler=dask)
    typer.echo(json.dumps(filled.to_json(), indent=2) if as_json else filled.render())
