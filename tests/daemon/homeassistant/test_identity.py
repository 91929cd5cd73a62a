"""Ids: stable for a node, different for every other, never the machine id itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given
from hypothesis import strategies as st

from genre_daemon.homeassistant.identity import ID, Identity, find_machine

if TYPE_CHECKING:
    from pathlib import Path

MACHINE = "0123456789abcdef0123456789abcdef"
_NAMES = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)


@given(_NAMES, st.text())
def test_an_id_fits_home_assistant_and_tells_its_node(node: str, place: str) -> None:
    identity = Identity.of(node, place, MACHINE)
    match = ID.fullmatch(identity.id)
    assert match is not None
    assert match[1] == node
    assert Identity.of(node, place, MACHINE) == identity


def test_every_machine_and_every_name_has_its_own() -> None:
    ids = {
        Identity.of(node, machine=machine).id
        for node in ("kitchen", "Kitchen", "kitchen-2")
        for machine in (MACHINE, MACHINE[::-1], "raspberrypi")
    }
    assert len(ids) == 9


def test_an_installation_stays_when_the_node_is_renamed() -> None:
    old, new = (Identity.of(node, "/etc/c.toml", MACHINE) for node in ("bar", "attic"))
    assert old.installation == new.installation
    assert old.id != new.id
    assert Identity.of("bar", "/etc/d.toml", MACHINE).installation != old.installation


def test_the_machine_id_is_not_given_away() -> None:
    identity = Identity.of("bar", "", MACHINE)
    assert MACHINE[:8] not in f"{identity.id}{identity.installation}"


def test_the_machine_is_known_by_its_id(tmp_path: Path) -> None:
    path = tmp_path / "machine-id"
    path.write_text(f"{MACHINE}\n")
    assert find_machine([tmp_path / "absent", path]) == MACHINE


def test_without_an_id_something_else_is_the_same_at_every_start(
    tmp_path: Path,
) -> None:
    # Container images ship an empty file, or one that says "uninitialized".
    path = tmp_path / "machine-id"
    path.write_bytes(b"uninitialized\n\xff")
    found = find_machine([path])
    assert found
    assert found == find_machine([path]) == find_machine([])
