"""Why a broker could not be used, in words.

Conventions
-----------
A reason says what happened and, after a semicolon, what to do about it. It continues
"no broker at <address>: ...", and never holds a password.
"""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from genre_daemon.mqtt.settings import MqttSettings

_UNTRUSTED = (
    "its certificate is signed by nobody we trust; "
    "name the certificate of its authority in mqtt.ca_file"
)
_OTHER_NAME = (
    "its certificate is for another name; set mqtt.host to the name in the certificate"
)
# OpenSSL's X509_V_ERR_*, see X509_STORE_CTX_get_error(3).
_CERTIFICATES = {
    9: "its certificate is not valid yet; is the clock of this machine right?",
    10: "its certificate has expired; renew it, or set the clock of this machine",
    18: _UNTRUSTED,
    19: _UNTRUSTED,
    20: _UNTRUSTED,
    21: _UNTRUSTED,
    62: _OTHER_NAME,
    64: _OTHER_NAME,
}

NO_ANSWER = "it does not answer"
"""The reason where a connection stands and nothing comes back."""


def describe(error: Exception) -> str:
    """Say why no connection to a broker could be made."""
    if isinstance(error, ssl.SSLCertVerificationError):
        untrusted = f"its certificate is not trusted: {error.verify_message}"
        return _CERTIFICATES.get(error.verify_code, untrusted)
    if isinstance(error, ssl.SSLError | ConnectionResetError):
        return f"TLS fails ({error.strerror}); is that the port on which it speaks TLS?"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__


def refusal(settings: MqttSettings, code: str) -> str:
    """Say why a broker lets us not in.

    Parameters
    ----------
    settings : MqttSettings
    code : str
        Its reason code, in the words of the standard.
    """
    if code not in ("Not authorized", "Bad user name or password"):
        return f"it refuses us: {code}"
    if settings.username is None:
        return f"it refuses us: {code}; set mqtt.username and mqtt.password_file"
    return (
        f"it refuses user {settings.username!r}: {code}; "
        "check mqtt.username and mqtt.password_file"
    )


def hang_up(settings: MqttSettings) -> str:
    """Say why a broker may have hung up on our greeting without a word."""
    if not settings.tls:
        return "it hangs up; does it want TLS on this port? Then set mqtt.tls = true"
    if settings.cert_file is None:
        return (
            "it hangs up; does it demand a certificate of us? "
            "Then set mqtt.cert_file and mqtt.key_file"
        )
    return f"it hangs up; does it trust the certificate in {settings.cert_file}?"
