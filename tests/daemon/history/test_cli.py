"""``genre-listen history`` as its user types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from genre_daemon.history import cli as historycli
from genre_daemon.history.pulse import Pulse
from genre_daemon.history.runs import PastSegment
from genre_daemon.history.store import Store

PROGRAM = (
    "import typer\n"
    "from genre_daemon.commandline import run_program\n"
    "from genre_daemon.history.cli import history\n"
    "app = typer.Typer(pretty_exceptions_enable=False)\n"
    "app.command()(history)\n"
    "run_program('genre-listen', app)\n"
)


@pytest.fixture
def state(tmp_path: Path) -> Path:
    """A folder with the history of an attic: an hour of jazz, just over."""
    folder = tmp_path / "state"
    now_s = time.time()
    heard = [
        PastSegment(now_s - 7_200, now_s - 3_600, "silence", 1.0, "model 1", "attic"),
        PastSegment(now_s - 3_600, now_s - 1, "jazz", 0.75, "model 1", "attic"),
    ]
    with closing(Store(folder / "attic.sqlite3", days=30)) as store:
        store.write(heard)
    return folder


def ask(state: Path, *flags: str, **environ: str) -> subprocess.CompletedProcess[str]:
    """Run the command on the histories in a folder."""
    daemon = Path(historycli.__file__).parents[2]
    kept = {"PATH": os.environ["PATH"], "HOME": str(state)}
    return subprocess.run(
        [sys.executable, "-c", PROGRAM, *flags],
        env={
            **kept,
            "PYTHONPATH": str(daemon),
            "STATE_DIRECTORY": str(state),
            "LANG": "C.UTF-8",
            "COLUMNS": "100",
            **environ,
        },
        cwd=state.parent,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )


def test_it_finds_the_history_and_shows_it(state: Path) -> None:
    done = ask(state)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("attic  ")
    assert "J  jazz" in done.stdout
    assert "listened for 2 h 00 min, to music for 1 h 00 min (50 %)" in done.stdout


def test_in_a_pipe_there_is_no_colour_and_in_c_no_unicode(state: Path) -> None:
    assert "\x1b" not in ask(state, "--week").stdout
    done = ask(state, LANG="C", LC_ALL="C")
    assert done.returncode == 0, done.stderr
    assert done.stdout.isascii()


def test_json_and_csv_are_for_programs(state: Path) -> None:
    content = json.loads(ask(state, "--json", "--from", "yesterday").stdout)
    assert [s["genre"] for s in content["segments"]] == ["silence", "jazz"]
    assert ask(state, "--csv").stdout.count("\n") == 3


def test_a_picture_is_drawn_where_it_was_asked_for(state: Path) -> None:
    pytest.importorskip("PIL", reason="pictures are an extra: pip install pillow")
    out = state.parent / "week.png"
    done = ask(state, "--week", "--plot", str(out))
    assert done.stdout.strip() == f"drawn to {out}"
    assert out.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("flags", "code", "sentence"),
    [
        (["--day", "--week"], 2, "one of --day, --week"),
        (["--json", "--csv"], 2, "not both"),
        (["--from", "soon"], 2, "'soon' is no time"),
        (["--from", "now", "--to", "yesterday"], 2, "--from must be before --to"),
        (["--from", "1990-01-01"], 2, "at most 400 days"),
        (
            ["--node", "cellar"],
            1,
            "there is no history of cellar on this machine that you may see",
        ),
        (["--file", "nowhere.sqlite3"], 1, "there is no history at nowhere"),
    ],
)
def test_a_wrong_wish_is_answered_with_a_sentence(
    state: Path, flags: list[str], code: int, sentence: str
) -> None:
    done = ask(state, *flags)
    assert done.returncode == code
    told = " ".join(done.stderr.replace("│", " ").split())
    assert sentence in told
    assert "Traceback" not in done.stderr
    assert done.stdout == ""


def test_what_goes_on_is_shown_before_it_is_written(
    state: Path, tmp_path: Path
) -> None:
    memory = {"XDG_RUNTIME_DIR": str(tmp_path)}
    now_s = time.time()
    going_on = PastSegment(now_s - 0.5, now_s, "metal", 0.9, "model 1", "attic")
    Pulse(state / "attic.sqlite3", memory).write(going_on)
    assert "metal" in ask(state, **memory).stdout
    assert "metal" not in ask(state).stdout


def test_of_several_histories_one_must_be_chosen(state: Path) -> None:
    with closing(Store(state / "cellar.sqlite3", days=30)) as store:
        store.write([])
    assert "choose --node of attic, cellar" in ask(state).stderr
    assert ask(state, "--node", "attic").stdout.startswith("attic")
    assert "Nothing was heard" in ask(state, "--node", "cellar").stdout
