"""Address of a real Enspace: how it is written, and what is allowed beyond this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from mockserver.errors import StartError
from mockserver.settings import LOOPBACK


def read_target(text: str, name: str, *, allow_http: bool) -> str:
    """Returns the address without a final slash. Raises `StartError`, which calls it `name`."""
    if not _is_address(text):
        raise StartError(f"{name}: received no address, documented: http(s)://host[:port][/path] without credentials")
    if text.startswith("http:") and not is_near(text) and not allow_http:
        raise StartError(f"{name}: plain http beyond loopback shows keys to the network. Fix: https, or --allow-http.")
    return text.rstrip("/")


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        (parts.hostname or "").encode("idna")
        is_plain = text.isprintable() and " " not in text and not (parts.query or parts.fragment or "@" in parts.netloc)
        return bool(parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and is_plain)
    except ValueError:  # of a port, of an IPv6 address, or of a label that is too long
        return False


def is_near(address: str) -> bool:
    """Returns whether an address is that of this machine."""
    return urlsplit(address).hostname in LOOPBACK
