"""The password: from a file or a credential, never shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from genre_daemon.config import load_config
from genre_daemon.errors import ConfigError
from genre_daemon.mqtt.password import CREDENTIAL, read_password

if TYPE_CHECKING:
    from pathlib import Path

PASSWORD = "hunter2"  # noqa: S105 - the test's own
BROKER = {"mqtt.host": "h", "mqtt.username": "pi"}


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file that only we may read."""
    path = tmp_path / "secret"
    path.write_text(f"{PASSWORD}\n")
    path.chmod(0o600)
    return path


def loaded(flags: dict[str, str], environ: dict[str, str]) -> str | None:
    """Return the password that a configuration leads to."""
    config = load_config(None, flags, environ)
    assert config.mqtt is not None
    return config.mqtt.password


def test_a_systemd_credential_needs_no_configuration(tmp_path: Path) -> None:
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    assert loaded(BROKER, environ) is None
    (tmp_path / CREDENTIAL).write_text("a b c")
    assert loaded(BROKER, environ) == "a b c"
    # A node without a user name has no use for it.
    assert loaded({"mqtt.host": "h"}, environ) is None


def test_a_file_that_is_named_goes_before_the_credential(
    secret: Path, tmp_path: Path
) -> None:
    (tmp_path / CREDENTIAL).write_text("another")
    flags = {**BROKER, "mqtt.password_file": str(secret)}
    assert loaded(flags, {"CREDENTIALS_DIRECTORY": str(tmp_path)}) == PASSWORD


def test_a_password_without_a_name_is_a_mistake(secret: Path) -> None:
    flags = {"mqtt.host": "h", "mqtt.password_file": str(secret)}
    with pytest.raises(ConfigError, match=r"without mqtt.username: set both"):
        loaded(flags, {})


def test_a_file_that_everybody_may_read_is_pointed_out(
    secret: Path, caplog: pytest.LogCaptureFixture
) -> None:
    assert read_password(secret) == PASSWORD
    assert caplog.text == ""
    secret.chmod(0o644)
    assert read_password(secret) == PASSWORD
    assert f"{secret} can be read by every user: chmod 600 {secret}" in caplog.text


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "must hold a password"),
        (b"\n", "must hold a password"),
        (b"x" * 70_000, "must hold a password of 1 to 65535 bytes"),
        (b"\xff\xfehunter2", "is not UTF-8 text"),
    ],
)
def test_what_is_no_password_is_named_and_not_quoted(
    secret: Path, content: bytes, sentence: str
) -> None:
    secret.write_bytes(content)
    with pytest.raises(ConfigError, match=sentence) as caught:
        read_password(secret)
    assert str(secret) in str(caught.value)
    assert "hunter2" not in str(caught.value)
    assert "xff" not in str(caught.value)


def test_a_password_in_the_address_is_refused_and_not_shown() -> None:
    for host in ("mqtt://pi:hunter2@h", "pi:hunter2@h", "pi:hun/ter2@h"):
        with pytest.raises(ConfigError, match="must be a host name") as caught:
            load_config(None, {"mqtt.host": host}, {})
        assert "hun" not in str(caught.value)
