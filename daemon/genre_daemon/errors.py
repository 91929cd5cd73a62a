"""What can go wrong in a way that a person can mend, and the exit code of each.

Every message names the thing, the value found and the remedy, in one sentence.
"""

from __future__ import annotations


class GenreListenError(Exception):
    """A fault that is told in one sentence, without a traceback."""

    exit_code = 1


class ConfigError(GenreListenError):
    """A configuration file, variable or flag that cannot be honoured."""

    exit_code = 2


class BundleError(GenreListenError):
    """A model bundle that is missing, corrupt or made for another program."""

    exit_code = 3


class AudioError(GenreListenError):
    """An audio file or device that cannot be read."""

    exit_code = 4


class BrokerError(GenreListenError):
    """An MQTT broker that cannot be started or reached."""

    exit_code = 5
