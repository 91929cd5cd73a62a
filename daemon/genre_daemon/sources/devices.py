"""The inputs of this machine, and which of them a name means."""

from __future__ import annotations

import re
from dataclasses import dataclass

from genre_daemon.errors import AudioError
from genre_daemon.sources import portaudio
from genre_daemon.sources.source import NoMicrophone

_LIST_S = 5.0  # seconds; PortAudio opens each device in turn to see what it can do


@dataclass(frozen=True)
class InputDevice:
    """Something to listen to."""

    index: int
    """PortAudio's number, good until something is plugged in or out."""
    name: str
    """As PortAudio says it, for instance ``USB PnP Sound Device: Audio (hw:1,0)``."""
    host_api: str
    channels: int
    """Input channels, at least 1."""
    rate: int
    """Hertz, the device's own."""
    is_default: bool

    @property
    def title(self) -> str:
        """Name without ALSA's card number, which changes from boot to boot."""
        return re.sub(r" \((plug)?hw:\d+,\d+\)$", "", self.name)


def list_inputs() -> list[InputDevice]:
    """Return the inputs there are now, maybe none.

    Raises
    ------
    AudioError
        If PortAudio is missing or the sound system does not answer.
    """
    return portaudio.call(lambda: query(fresh=True), _LIST_S)


def query(*, fresh: bool) -> list[InputDevice]:
    """Ask PortAudio for its inputs; to be called inside ``portaudio.call``."""
    sd = portaudio.sounddevice(fresh=fresh)
    hosts = sd.query_hostapis()
    default = sd.default.device["input"]
    if default < 0:
        default = next((host["default_input_device"] for host in hosts), -1)
    return [
        InputDevice(
            index=index,
            name=str(device["name"]),
            host_api=str(hosts[device["hostapi"]]["name"]),
            channels=int(device["max_input_channels"]),
            rate=round(device["default_samplerate"]),
            is_default=index == default,
        )
        for index, device in enumerate(sd.query_devices())
        if device["max_input_channels"] > 0
    ]


def find(wanted: str, devices: list[InputDevice]) -> InputDevice:
    """Return the device that a name means.

    Parameters
    ----------
    wanted : str
        ``default``, a name, a part of one in any case, or a number from the list.
    devices : list of InputDevice

    Raises
    ------
    NoMicrophone
        If there is no input at all, or none of that name.
    AudioError
        If several inputs have that in their names.
    """
    if not devices:
        raise NoMicrophone(
            "no microphone was found: plug one in (if there is one, "
            "'arecord -l' must list it and you must be in the group 'audio')"
        )
    if wanted == "default":
        return next((device for device in devices if device.is_default), devices[0])
    word = wanted.casefold()
    exact = [d for d in devices if word in (d.name.casefold(), d.title.casefold())]
    matches = exact or [d for d in devices if word in d.name.casefold()]
    if not matches and wanted.isdecimal():
        matches = [d for d in devices if d.index == int(wanted)]
    names = ", ".join(repr(device.name) for device in matches or devices)
    if not matches:
        raise NoMicrophone(
            f"no microphone has {wanted!r} in its name: set audio.device to 'default' "
            f"or to one of {names}"
        )
    if len(matches) > 1:
        raise AudioError(
            f"several microphones have {wanted!r} in their names: set audio.device "
            f"to more of one of {names}"
        )
    return matches[0]


def render(devices: list[InputDevice]) -> str:
    """Return the inputs as a table for people."""
    if not devices:
        return "No microphone was found."
    rows = [("", "no.", "name", "channels", "rate", "through")]
    rows += [
        (
            "*" if device.is_default else "",
            str(device.index),
            device.name,
            str(device.channels),
            f"{device.rate} Hz",
            device.host_api,
        )
        for device in devices
    ]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]
    if any(device.is_default for device in devices):
        lines.append("* is used when audio.device is 'default'")
    return "\n".join(line.rstrip() for line in lines)
