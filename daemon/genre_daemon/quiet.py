"""A terminal without the chatter of C libraries."""

from __future__ import annotations

import ctypes
import functools
import logging

logger = logging.getLogger(__name__)


@functools.cache
def hush_libraries() -> None:
    """Give the C library's ``stderr`` to ``/dev/null``, unless debugging.

    PortAudio, ALSA, JACK, PulseAudio and mpg123 print there whenever a device goes
    away or a file is odd; we say the same in one sentence. Python's own
    ``sys.stderr`` writes to the file descriptor and is not touched.
    """
    if logger.isEnabledFor(logging.DEBUG):
        return
    program = ctypes.CDLL(None)
    program.fopen.restype = ctypes.c_void_p
    sink = program.fopen(b"/dev/null", b"w")
    try:
        ctypes.c_void_p.in_dll(program, "stderr").value = sink
    except ValueError:  # a C library where it is no variable
        logger.debug("the sound libraries cannot be silenced here")
