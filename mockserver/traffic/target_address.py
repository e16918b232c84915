"""Address of a real Enspace: how it is written, and what is allowed beyond this machine."""

from __future__ import annotations

from urllib.parse import urlsplit

from mockserver.errors import StartError
from mockserver.settings import LOOPBACK


def read_target(text: str, name: str, *, allow_http: bool) -> str:
    """Returns the address without a final slash. Raises `StartError`, which calls it `name`."""
    parts = urlsplit(text)
    try:
        is_usable = parts.scheme in ("http", "https") and parts.hostname and not parts.query and parts.port != 0
    except ValueError:
        is_usable = False
    if not is_usable or "@" in parts.netloc:
        raise StartError(f"{name}: received no address, documented: http(s)://host[:port][/path] without credentials")
    if parts.scheme == "http" and not is_near(text) and not allow_http:
        raise StartError(f"{name}: plain http beyond loopback shows keys to the network. Fix: https, or --allow-http.")
    return text.rstrip("/")


def is_near(address: str) -> bool:
    """Returns whether an address is that of this machine."""
    return urlsplit(address).hostname in LOOPBACK
