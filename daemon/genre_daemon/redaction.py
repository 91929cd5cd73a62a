"""Addresses without what is secret in them, for logs and messages."""

from __future__ import annotations

import re

# All before the @ of scheme://user:password@host, or of user:password@host.
_USER_INFO = re.compile(r"[^\s/@'\"]*:[^\s@'\"]*@")


def redact(text: str) -> str:
    """Return a text in which addresses have lost user name and password."""
    return _USER_INFO.sub("***@", text)
