"""Start and stop the service from a terminal or a service manager."""

from __future__ import annotations

import _thread
import logging
import signal
import sys
import threading
from collections import deque
from typing import TYPE_CHECKING

from genre_daemon.commandline import log_to_stderr
from genre_daemon.service import Service

if TYPE_CHECKING:
    from types import FrameType

    from genre_daemon.config import Config


def run_service(
    config: Config, *, or_demo: bool, duration_s: float | None, verbose: bool
) -> int:
    """Run until SIGTERM, SIGINT or the time is over; return the exit code."""
    log_to_stderr(verbose=verbose)
    stop = threading.Event()

    def end(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    with Service(config, or_demo=or_demo) as service:
        if duration_s is not None:
            timer = threading.Timer(duration_s, stop.set)
            timer.daemon = True
            timer.start()
        service.run(stop)
    return 0


def run_displayed(
    config: Config, *, or_demo: bool, duration_s: float | None, verbose: bool
) -> int:
    """Run in the background and show the display in front; return the exit code."""
    from genre_daemon.listen import watch  # noqa: PLC0415 - only where it is shown

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
        _InBackground(service),
    ):
        return watch(
            service.mqtt,
            base=config.base_topic,
            node=config.node,
            duration_s=duration_s,
            footer=last_line.text,
        )


class _InBackground:
    """Runs a service on a thread while the display holds the main one."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._stop = threading.Event()
        self._failure: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="service")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(
        self, kind: type[BaseException] | None, *_exception: object
    ) -> bool | None:
        self._stop.set()
        self._thread.join()
        if self._failure is not None:
            raise self._failure
        # To stop watching with Ctrl-C is no failure.
        return kind is KeyboardInterrupt

    def _run(self) -> None:
        try:
            self._service.run(self._stop)
        except BaseException as error:  # noqa: BLE001 - raised again on the main thread
            self._failure = error
            _thread.interrupt_main()


class _LastLine(logging.Handler):
    """Keeps the newest log line, for a display that owns the terminal."""

    def __init__(self) -> None:
        super().__init__()
        self._lines: deque[str] = deque(maxlen=1)

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record.getMessage())

    def text(self) -> str:
        return self._lines[0] if self._lines else ""
