"""Names the genre of the music in the room.

Live data flows one way::

    source -> resample -> log-mel frames -> patch -> classifier -> smoothing -> sinks

Stages have ``push`` and ``reset``, hold no clock and do no I/O. Edges (capture,
files, MQTT, terminal) do I/O and hold no logic. ``service`` wires them.
"""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("genre-listen")
except PackageNotFoundError:  # a bare checkout that nobody installed
    __version__ = "0+unknown"
