"""How long the broker's certificate is still good."""

from __future__ import annotations

import socket
import ssl
import time
from typing import TYPE_CHECKING

from genre_daemon.doctor.finding import Finding, note, problem, well
from genre_daemon.mqtt.settings import tls_context
from genre_daemon.mqtt.trouble import describe

if TYPE_CHECKING:
    from collections.abc import Iterator

    from genre_daemon.mqtt.settings import MqttSettings

CHECK = "tls"

_TIMEOUT_S = 5.0
_DAY_S = 86_400.0
_SOON_DAYS = 21.0


def check(settings: MqttSettings) -> Iterator[Finding]:
    """Shake hands as the daemon does, and read the certificate."""
    context = tls_context(settings)
    place = (settings.host, settings.port)
    try:
        with (
            socket.create_connection(place, _TIMEOUT_S) as plain,
            context.wrap_socket(plain, server_hostname=settings.host) as secured,
        ):
            shown = secured.getpeercert() or {}
            version = secured.version()
    except ssl.SSLError as error:
        yield problem(CHECK, describe(error), "is mqtt.ca_file the one that signed it?")
        return
    except OSError:
        return  # there is nobody, which the check of the broker has told
    ends_s = ssl.cert_time_to_seconds(str(shown["notAfter"]))
    yield judge((ends_s - time.time()) / _DAY_S, f"{version}, certificate trusted")


def judge(days: float, found: str) -> Finding:
    """Return what the days that a certificate is still good mean."""
    left = f"{found}, good for {days:.0f} more days"
    if days < _SOON_DAYS:
        return note(CHECK, left, "renew the broker's certificate")
    return well(CHECK, left)
