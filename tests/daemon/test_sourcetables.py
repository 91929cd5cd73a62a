"""``[[source]]``: what each listens to, and one clear sentence for each mistake."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genre_daemon.config import Config, load_config
from genre_daemon.errors import ConfigError
from genre_daemon.sources.pcm import PcmFormat
from genre_daemon.sourcetables import MOST_SOURCES, SourceConfig

if TYPE_CHECKING:
    from pathlib import Path

KITCHEN = "[[source]]\nname = 'kitchen'\ndevice = 'USB'\n"
BATH = "[[source]]\nname = 'bath'\ndevice = 'http://radio.example/jazz'\n"
PIPE = "[[source]]\nname = 'pipe'\ndevice = '-'\n"


def load(folder: Path, text: str, **flags: str) -> Config:
    """Return what a file comes to."""
    path = folder / "config.toml"
    path.write_text(text)
    return load_config(path, {key.replace("__", "."): flags[key] for key in flags}, {})


def test_each_table_is_a_node_with_a_device_of_its_own(tmp_path: Path) -> None:
    config = load(tmp_path, KITCHEN + "threshold = 0.6\n" + BATH)
    kitchen, bath = config.sources
    assert (kitchen.node, kitchen.device, kitchen.threshold) == ("kitchen", "USB", 0.6)
    assert (bath.node, bath.device) == ("bath", "http://radio.example/jazz")
    assert bath.threshold is None


def test_sections_say_what_all_sources_have_in_common(tmp_path: Path) -> None:
    common = "[audio]\nrate = 16000\ndeaf_after_s = 0\n[classify]\nthreshold = 0.3\n"
    own = PIPE + "rate = 8000\nformat = 'f32le'\n"
    kitchen, pipe = load(tmp_path, common + KITCHEN + own).sources
    assert kitchen == SourceConfig("kitchen", "USB", PcmFormat(16_000), 0.0, 0.3)
    assert pipe == SourceConfig("pipe", "-", PcmFormat(8_000, 1, "f32le"), 0.0, 0.3)


def test_one_table_is_a_daemon_of_one_node(tmp_path: Path) -> None:
    assert [s.node for s in load(tmp_path, KITCHEN).sources] == ["kitchen"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (KITCHEN + KITCHEN, "two sources are called 'kitchen': give each"),
        (PIPE + PIPE.replace("pipe", "tube"), "pipe and tube cannot all read standard"),
        ("[[source]]\ndevice = 'USB'", "source 1 in .*config.toml has no name"),
        (KITCHEN + "[[source]]\nname = 'bath'", "source 2 in .* has no device: every"),
        (KITCHEN + "host = 'h'", r"unknown key 'host' of source 1 in .* knows name, d"),
        (KITCHEN + "rate = 1", "rate of source 1 must be hertz, 4000 .* got 1 "),
        (BATH.replace("http", "ftp"), "device of source 1 must be the name of an inp"),
        ("[[source]]\nname = 'a/b'\ndevice = 'x'", "name of source 1 must be 1 to 64"),
        ("[[source]]\nname = 'daemon'\ndevice = 'x'", "name of source 1 must .* 'daem"),
        ("[source]\nname = 'a'", r"\[source\] in .* must be written \[\[source\]\]"),
        ("source = 3", r"\[source\] in .* must be written \[\[source\]\]"),
        ("[audio]\ndevice = 'USB'\n" + KITCHEN, "audio.device .* and .* both say what"),
        (
            "[history]\npath = '/h.sqlite3'\n" + KITCHEN + BATH,
            "history.path is one file, and there are 2 sources: leave it out",
        ),
    ],
)
def test_a_mistake_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ConfigError, match=sentence):
        load(tmp_path, text)


def test_a_flag_does_not_silently_win_over_the_tables(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="the flag --source"):
        load(tmp_path, KITCHEN + BATH, audio__device="demo")


def test_a_password_in_the_address_of_a_stream_is_not_quoted(tmp_path: Path) -> None:
    secret = BATH.replace("http://", "ftp://user:hunter2@")
    with pytest.raises(ConfigError) as error:
        load(tmp_path, secret)
    assert "hunter2" not in str(error.value)


def test_there_are_as_many_as_one_connection_can_speak_for(tmp_path: Path) -> None:
    tables = [KITCHEN.replace("kitchen", f"room-{i}") for i in range(MOST_SOURCES)]
    assert len(load(tmp_path, "".join(tables)).sources) == MOST_SOURCES
    with pytest.raises(ConfigError, match=f"takes at most {MOST_SOURCES}, so run sev"):
        load(tmp_path, "".join([*tables, KITCHEN]))
