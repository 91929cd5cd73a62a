"""The same work on many items: here, in other processes, or on a Dask cluster."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from genre_daemon.errors import ConfigError, GenreListenError
from genre_train.progress import progress

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence


class Answer(Protocol):
    """What comes of an item."""

    @property
    def name(self) -> str:
        """Of the item, for people who wait."""


_Item = TypeVar("_Item")
_Answer = TypeVar("_Answer", bound=Answer)

_PATIENCE_S = 10  # for a scheduler that answers, and for its first worker


def usable_cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0))


def spread(
    work: Callable[[_Item], _Answer],
    items: Sequence[_Item],
    *,
    title: str,
    jobs: int = 1,
    scheduler: str | None = None,
) -> list[_Answer]:
    """Do the work on every item, and return the answers in the items' order.

    Parameters
    ----------
    work : callable
        Can be pickled, and leaves nothing half done if its process is killed.
    title : str
        Of the progress shown meanwhile.
    jobs : int >= 1
        Processes; 1 does it here.
    scheduler : str, optional
        Address of a Dask scheduler, as ``tcp://host:8786``: its workers do it
        instead. They must have this package and see the same files.

    Raises
    ------
    ConfigError
        If the cluster cannot be used.
    GenreListenError
        If a process was killed.
    """
    answers: dict[int, _Answer] = {}
    with progress(title, len(items)) as step, _place(jobs, scheduler) as run:
        for number, answer in run(_Numbered(work), list(enumerate(items))):
            answers[number] = answer
            step(answer.name)
    return [answers[number] for number in range(len(items))]


class _Numbered:
    """Remembers which item an answer belongs to; answers come in any order."""

    def __init__(self, work: Callable[[Any], Any]) -> None:
        self._work = work

    def __call__(self, item: tuple[int, Any]) -> tuple[int, Any]:
        number, content = item
        return number, self._work(content)


@contextlib.contextmanager
def _place(jobs: int, scheduler: str | None) -> Iterator[Callable[..., Any]]:
    if scheduler is not None:
        with _cluster(scheduler):
            yield _parallel(-1)
    elif jobs > 1:
        with _told_of_a_killed_process():
            yield _parallel(jobs)
    else:
        yield map


def _parallel(jobs: int) -> Callable[..., Any]:
    import joblib  # noqa: PLC0415 - slow

    def run(work: Callable[[Any], Any], items: Sequence[Any]) -> Any:  # noqa: ANN401 - joblib is untyped
        pool = joblib.Parallel(n_jobs=jobs, return_as="generator_unordered")
        return pool(joblib.delayed(work)(item) for item in items)

    return run


@contextlib.contextmanager
def _told_of_a_killed_process() -> Iterator[None]:
    from joblib.externals.loky.process_executor import (  # noqa: PLC0415
        BrokenProcessPool,
    )

    try:
        yield
    except BrokenProcessPool as error:
        raise GenreListenError(
            "a process was killed, perhaps for want of memory: run the same command "
            "again with fewer --jobs; what was finished is kept"
        ) from error


@contextlib.contextmanager
def _cluster(scheduler: str) -> Iterator[None]:
    try:
        import distributed  # noqa: PLC0415 - of an extra
    except ImportError as error:
        raise ConfigError(
            "--dask needs the package distributed: pip install 'genre-listen[dask]'"
        ) from error
    import joblib  # noqa: PLC0415

    try:
        client = distributed.Client(  # type: ignore[no-untyped-call]  # it has no types
            scheduler, timeout=_PATIENCE_S, set_as_default=False
        )
    except (OSError, ValueError, TimeoutError) as error:
        raise ConfigError(
            f"no Dask scheduler answers at {scheduler}: start one with 'dask "
            "scheduler', and give its address as tcp://host:8786"
        ) from error
    with client:
        if not client.scheduler_info()["workers"]:
            raise ConfigError(
                f"the Dask scheduler at {scheduler} has no workers: start some with "
                f"'dask worker {scheduler}'"
            )
        with joblib.parallel_config(backend="dask", client=client):
            yield
