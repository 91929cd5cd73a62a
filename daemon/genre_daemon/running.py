"""Start, stop and reload the service from a terminal or a service manager.

Signals are taken by the main thread; the loop runs on one of its own, because a sound
system or disk that hangs must not keep the daemon from leaving.
"""

from __future__ import annotations

import _thread
import logging
import signal
import sys
import threading
import time
from collections import deque
from typing import TYPE_CHECKING

from genre_daemon.commandline import log_to_stderr
from genre_daemon.errors import ConfigError
from genre_daemon.service import Service
from genre_daemon.signals import Signals

if TYPE_CHECKING:
    from collections.abc import Callable

    from genre_daemon.config import Config

_log = logging.getLogger(__name__)


_LEAVE_S = 0.7
"""Seconds that the loop gets to close the source; all must be over within 2 s."""


def run_service(
    load: Callable[[], Config],
    *,
    or_demo: bool,
    duration_s: float | None,
    verbose: bool,
) -> int:
    """Run until SIGTERM, SIGINT, the end of the source or of the time.

    Parameters
    ----------
    load : callable
        Reads the configuration; called again at SIGHUP.
    or_demo : bool
        Play the built-in demo where there is no microphone.
    duration_s : float, optional
        Seconds after which to stop.
    verbose : bool

    Returns
    -------
    int
        The exit code.
    """
    log_to_stderr(verbose=verbose)
    until = None if duration_s is None else time.monotonic() + duration_s
    with (
        Signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP) as signals,
        Service(load(), or_demo=or_demo) as service,
        _InBackground(service, lambda: signals.send(signal.SIGTERM)),
    ):
        while _next(signals, until) == signal.SIGHUP and not sys.stderr.isatty():
            try:
                service.reload(load())
            except ConfigError as error:
                _log.warning("%s; the configuration in use is kept", error)
    return 0


def _next(signals: Signals, until: float | None) -> int:
    """Wait for a signal; SIGTERM when the time is over."""
    timeout_s = None if until is None else max(0.0, until - time.monotonic())
    number = signals.wait(timeout_s)
    return signal.SIGTERM if number is None else number


def run_displayed(
    load: Callable[[], Config],
    *,
    or_demo: bool,
    duration_s: float | None,
    verbose: bool,
) -> int:
    """Run in the background and show the display in front; see ``run_service``."""
    from genre_daemon.listen import watch  # noqa: PLC0415 - only where it is shown

    config = load()
    last_line = _LastLine()
    if sys.stdout.isatty():
        logging.basicConfig(
            level=logging.DEBUG if verbose else logging.INFO, handlers=[last_line]
        )
    else:
        log_to_stderr(verbose=verbose)
    # SIGTERM ends the display the way Ctrl-C does: the terminal is put back in order.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with (
        Service(config, or_demo=or_demo) as service,
        _InBackground(service, _thread.interrupt_main),
    ):
        several = len(config.sources) > 1
        return watch(
            service.mqtt,
            base=config.base_topic,
            node=None if several else config.sources[0].node,
            everyone=several,
            duration_s=duration_s,
            footer=last_line.text,
        )


class _InBackground:
    """Runs a service on a thread of its own.

    Parameters
    ----------
    service : Service
    when_over : callable
        Tells the main thread that there is nothing left to wait for.
    """

    def __init__(self, service: Service, when_over: Callable[[], None]) -> None:
        self._service = service
        self._when_over = when_over
        self._over = False
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="service", daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, *_exception: object
    ) -> bool | None:
        self._over = True
        self._service.stop()
        self._thread.join(_LEAVE_S)
        if self._thread.is_alive():
            _log.warning("leaving, though the source is not closed yet")
        if self._failure is not None:
            raise self._failure
        # To stop watching with Ctrl-C is no failure.
        return kind is KeyboardInterrupt

    def _run(self) -> None:
        try:
            self._service.run()
        except BaseException as error:  # noqa: BLE001 - raised again on the main thread
            self._failure = error
        if not self._over:
            self._when_over()


class _LastLine(logging.Handler):
    """Keeps the newest log line, for a display that owns the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=1)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())

    def text(self) -> str:
        return self._lines[0] if self._lines else ""
