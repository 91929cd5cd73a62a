"""EDGE: answers what displays elsewhere ask about the past, over MQTT."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from genre_daemon.history.file import HistoryError, read_segments
from genre_daemon.history.query import build_answer, build_refusal, parse_query
from genre_daemon.history.runs import with_current

if TYPE_CHECKING:
    from genre_daemon.history.query import Query
    from genre_daemon.history.recorder import History
    from genre_daemon.history.runs import PastSegment


def answer(request: bytes, history: History, node: str) -> str:
    """Return the answer to a request, or a refusal that says why.

    Parameters
    ----------
    request : bytes
        JSON, from whoever may write to the broker.
    history : History
        The running one.
    node : str
    """
    try:
        query = parse_query(request, time.time())
        rows = _written(query, history, node)
    except ValueError as error:
        return build_refusal(error)
    except HistoryError as error:
        return build_refusal(ValueError(str(error)))
    return build_answer(query, with_current(rows, history.current), node)


def _written(query: Query, history: History, node: str) -> list[PastSegment]:
    if not history.path.exists():  # nothing has ended yet
        return []
    # One more than asked for, so that the answer can tell that there is more.
    limit = query.limit + 1
    return read_segments(
        history.path, query.start_s, query.end_s, node=node, limit=limit
    )
