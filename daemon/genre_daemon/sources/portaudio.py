"""PortAudio, kept at arm's length.

Three of its habits are dealt with here, so that nobody else has to know of them:

* It freezes its list of devices when it is initialised; only initialising it again,
  with no stream open, shows what was plugged in since.
* A call waits for the sound server, for ever if that is frozen. So every call is
  made in a thread of its own and given up after a while.
* It and the libraries below it chatter on ``stderr``: see the module ``quiet``.

References
----------
https://github.com/spatialaudio/python-sounddevice/issues/125
"""

from __future__ import annotations

import atexit
import threading
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from genre_daemon.errors import AudioError
from genre_daemon.quiet import hush_libraries
from genre_daemon.sources.source import NoAnswer

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")

_lock = threading.Lock()  # PortAudio may be called by one thread at a time
_state: dict[str, Any] = {"module": None, "stale": False}
_streams: set[Any] = set()  # that are open: initialising again would end them


class _Call(threading.Thread, Generic[T]):
    """One call, which may outlive the patience of whoever wanted it."""

    def __init__(
        self, function: Callable[[], T], undo: Callable[[T], object] | None
    ) -> None:
        super().__init__(name="portaudio", daemon=True)
        self._function = function
        self._undo = undo
        self._done = threading.Event()
        self._handover = threading.Lock()
        self._abandoned = False
        self.result: T | None = None
        self.error: BaseException | None = None

    def run(self) -> None:
        """Make the call; undo it if nobody waits for it any more."""
        with _lock:
            try:
                result = self._function()
            except BaseException as error:  # noqa: BLE001 - it is raised by the caller
                self.error = error
            else:
                with self._handover:
                    self.result = result
                    if self._abandoned and self._undo is not None:
                        self._undo(result)
        self._done.set()

    def wait(self, timeout_s: float) -> bool:
        """Return whether the call came back in time; if not, it is abandoned."""
        if self._done.wait(timeout_s):
            return True
        with self._handover:
            self._abandoned = True
        return self._done.is_set()


def call(
    function: Callable[[], T],
    timeout_s: float,
    undo: Callable[[T], object] | None = None,
) -> T:
    """Call something of PortAudio, and wait for it so long and no longer.

    Parameters
    ----------
    function : callable
        Called in another thread, one at a time.
    timeout_s : float > 0
        Seconds to wait; some sound servers take one or two to start.
    undo : callable, optional
        Given the result if it came too late.

    Raises
    ------
    NoAnswer
        If the sound system did not answer in time.
    """
    pending = _Call(function, undo)
    pending.start()
    if not pending.wait(timeout_s):
        # At exit sounddevice would wait for that call too; the kernel frees the
        # device just as well.
        if _state["module"] is not None:
            atexit.unregister(_state["module"]._exit_handler)  # noqa: SLF001 - no public way
        raise NoAnswer(
            f"the sound system did not answer for {timeout_s:g} s: restart the sound "
            "server (systemctl --user restart pipewire pulseaudio) or unplug the device"
        )
    if pending.error is not None:
        raise pending.error
    return pending.result  # type: ignore[return-value]  # set when there is no error


def sounddevice(*, fresh: bool = False) -> Any:  # noqa: ANN401 - it publishes no types
    """Return the module ``sounddevice``; to be called inside :func:`call`.

    Parameters
    ----------
    fresh : bool
        Look for devices anew, unless a stream is open, which that would end.

    Raises
    ------
    AudioError
        If PortAudio is not installed.
    """
    module = _state["module"]
    if module is None:
        hush_libraries()
        try:
            # Slow, and it fails where PortAudio is not installed: not before needed.
            import sounddevice as found  # noqa: PLC0415
        except OSError as error:
            raise AudioError(
                "microphones need the PortAudio library, which is not installed: "
                "run 'sudo apt install libportaudio2'"
            ) from error
        module = _state["module"] = found
    elif fresh and _state["stale"] and not _streams:
        module._terminate()  # noqa: SLF001 - the way its author names (see References)
        module._initialize()  # noqa: SLF001
    _state["stale"] = True
    return module


def open_input(**settings: Any) -> Any:  # noqa: ANN401 - what sounddevice takes and gives
    """Return a started ``sounddevice.InputStream``; to be called inside :func:`call`.

    Raises
    ------
    sounddevice.PortAudioError
        If the device refuses.
    """
    stream = sounddevice().InputStream(**settings)
    _streams.add(stream)
    try:
        stream.start()
    except BaseException:
        close(stream)
        raise
    return stream


def close(stream: Any) -> None:  # noqa: ANN401 - sounddevice publishes no types
    """Close a stream of :func:`open_input`; to be called inside :func:`call`."""
    stream.abort()
    stream.close()
    _streams.discard(stream)
