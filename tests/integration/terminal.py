"""A real terminal to run a program in, and to read its screen: tmux."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import tempfile
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

_PATIENCE_S = 30.0


class Terminal:
    """One pane of a tmux server of its own."""

    def __init__(self, program: str, folder: Path) -> None:
        # Not in pytest's folder: the path of a socket may have 107 characters at most.
        self._place = tempfile.TemporaryDirectory(prefix="gl-")
        socket = f"{self._place.name}/tmux"
        self._tmux = [program, "-S", socket, "-f", "/dev/null"]
        self._folder = folder

    def run(
        self,
        command: list[str],
        width: int,
        height: int,
        env: Mapping[str, str],
        *,
        job_control: bool = False,
    ) -> None:
        """Start a program in a shell; its exit code is shown when it ends.

        With ``job_control`` the shell is one to type into.
        """
        settings = " ".join(f"{key}={shlex.quote(value)}" for key, value in env.items())
        program = f"env {settings} {shlex.join(command)}"
        script = self._folder / "run.sh"
        script.write_text(
            "unset NO_COLOR LC_ALL LC_CTYPE LANG\n"
            f'{program}\necho "exit code $?"\nstty -a\nsleep 60\n'
        )
        shell = f"bash {script}"
        if job_control:
            script.write_text("PROMPT_COMMAND='echo exit code $?'\n")
            shell = f"bash --rcfile {script} -i"
        size = ["-x", str(width), "-y", str(height)]
        # tmux itself needs a UTF-8 locale, whatever the program is told.
        self._call("-u", "new-session", "-d", *size, shell)
        if job_control:
            self.type(program, "Enter")

    def type(self, *keys: str) -> None:
        """Press keys, named as tmux names them."""
        self._call("send-keys", *keys)

    def resize(self, width: int, height: int) -> None:
        """Change the size of the terminal."""
        self._call("resize-window", "-x", str(width), "-y", str(height))

    def screen(self, *, colours: bool = False) -> str:
        """Return what is on the screen, with escapes for colours if asked."""
        return self._call("capture-pane", "-p", *(["-e"] if colours else []))

    def cursor_is_shown(self) -> bool:
        """Return whether the cursor can be seen."""
        return self._ask("#{cursor_flag}") == "1"

    def is_alternate(self) -> bool:
        """Return whether a program has taken the whole screen."""
        return self._ask("#{alternate_on}") == "1"

    def program(self) -> int:
        """Return the process id of the program in the shell."""
        shell = self._ask("#{pane_pid}")
        found = subprocess.run(
            ["pgrep", "-P", shell], capture_output=True, text=True, check=True
        )
        return int(found.stdout.split()[0])

    def wait_for(self, *texts: str, gone: str = "") -> str:
        """Return the screen once it shows all texts, and not the one that goes."""
        return self.wait_until(
            lambda screen: (
                all(text in screen for text in texts) and not (gone and gone in screen)
            ),
            f"{texts} without {gone!r}",
        )

    def wait_until(self, condition: Callable[[str], bool], wish: str) -> str:
        """Return the screen once a condition holds for it."""
        until = time.monotonic() + _PATIENCE_S
        while not condition(screen := self.screen()):
            if time.monotonic() > until:
                pytest.fail(f"waited for {wish}, but the screen shows:\n{screen}")
            time.sleep(0.1)
        return screen

    def close(self) -> None:
        """End the server and what runs in it."""
        subprocess.run([*self._tmux, "kill-server"], capture_output=True, check=False)
        self._place.cleanup()

    def _ask(self, form: str) -> str:
        return self._call("display-message", "-p", form).strip()

    def _call(self, *arguments: str) -> str:
        done = subprocess.run(
            [*self._tmux, *arguments],
            capture_output=True,
            encoding="utf-8",
            check=True,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    """A terminal; a skip where tmux is not installed, but not in CI."""
    program = shutil.which("tmux")
    if program is None:
        if os.environ.get("CI") == "true":
            pytest.fail("tmux is not installed: apt-get install tmux")
        pytest.skip("tmux is not installed")
    terminal = Terminal(program, tmp_path)
    yield terminal
    terminal.close()
