"""Which input a name means."""

from __future__ import annotations

import pytest

from genre_daemon.errors import AudioError
from genre_daemon.sources.devices import InputDevice, find, render
from genre_daemon.sources.source import NoMicrophone


def device(index: int, name: str, *, is_default: bool = False) -> InputDevice:
    """Return an input of two channels at 48 kHz."""
    return InputDevice(index, name, "ALSA", 2, 48_000, is_default)


USB = device(1, "USB PnP Sound Device: Audio (hw:1,0)")
USB_HEADSET = device(2, "USB Headset: Audio (hw:2,0)")
DEFAULT = device(4, "default", is_default=True)
DEVICES = [USB, USB_HEADSET, device(3, "pulse"), DEFAULT]


def test_default_is_the_default_of_the_system() -> None:
    assert find("default", DEVICES) is DEFAULT


def test_default_is_the_first_input_where_the_system_names_none() -> None:
    assert find("default", [USB, USB_HEADSET]) is USB


@pytest.mark.parametrize(
    "wanted", ["pnp", "USB PnP Sound Device: Audio", "usb pnp sound device", "hw:1,0"]
)
def test_a_part_of_a_name_is_enough_in_any_case(wanted: str) -> None:
    assert find(wanted, DEVICES) is USB


def test_a_whole_name_wins_over_one_that_contains_it() -> None:
    longer = device(5, "pulse of the kitchen")

    assert find("pulse", [longer, *DEVICES]) is DEVICES[2]


def test_a_number_from_the_list_will_do() -> None:
    assert find("2", DEVICES) is USB_HEADSET


def test_a_name_of_several_inputs_is_refused_and_they_are_named() -> None:
    with pytest.raises(AudioError, match=r"several .*'usb'.*PnP.*Headset"):
        find("usb", DEVICES)


def test_a_name_of_no_input_is_refused_and_all_are_named() -> None:
    with pytest.raises(NoMicrophone, match=r"'kitchen'.*PnP.*Headset.*'pulse'"):
        find("kitchen", DEVICES)


def test_no_input_at_all_is_told_with_what_to_do() -> None:
    with pytest.raises(NoMicrophone, match="no microphone was found: plug one in"):
        find("default", [])


def test_the_title_leaves_out_the_card_number_that_changes() -> None:
    assert USB.title == "USB PnP Sound Device: Audio"
    assert DEFAULT.title == "default"


def test_the_table_marks_the_default_and_says_what_the_mark_means() -> None:
    lines = render(DEVICES).splitlines()

    assert lines[0].split() == ["no.", "name", "channels", "rate", "through"]
    assert lines[1].split()[-4:] == ["2", "48000", "Hz", "ALSA"]
    assert lines[4].startswith("*  4")
    assert lines[5] == "* is used when audio.device is 'default'"


def test_an_empty_table_is_a_sentence() -> None:
    assert render([]) == "No microphone was found."
