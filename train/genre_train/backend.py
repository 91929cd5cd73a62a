"""Keras, without the chatter of the C++ libraries beneath it."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

logger = logging.getLogger(__name__)


@functools.cache
def load_keras() -> Any:  # noqa: ANN401 - keras is untyped
    """Import Keras with the backend that ``KERAS_BACKEND`` names, and wake it up.

    It takes seconds, so it is called where it is needed and never at import.
    """
    with hushed():
        import keras  # noqa: PLC0415

        keras.ops.zeros(1)  # TensorFlow looks for graphics cards, and says so, only now
    # It warns of networks that are called for the first time, after a few of them.
    logging.getLogger("tensorflow").setLevel(logging.ERROR)
    return keras


@contextlib.contextmanager
def hushed() -> Iterator[None]:
    """Send what is written to standard error meanwhile nowhere, unless debugging.

    TensorFlow and its converter write dozens of lines straight to the file
    descriptor, whatever its log level is. What goes wrong comes as an exception.
    """
    if logger.isEnabledFor(logging.DEBUG):
        yield
        return
    sys.stderr.flush()
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)
