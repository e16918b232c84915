"""Heads of requests that came before, byte for byte: what was read of them then is true again.

Most clients send the same heads again and again, and to parse them is a fifth of the cost of a small request. Only
requests that came whole are looked at here; how everything else is read stands in `protocol`.
"""

from __future__ import annotations

from typing import Any

from mockserver.pipeline.cache import remember

_END = b"\r\n\r\n"
# What a head says, as an app is told it. The headers are one list for all requests, which nobody may change.
_SAID = ("method", "http_version", "path", "raw_path", "query_string", "headers")
_MOST_REMEMBERED, _LONGEST_REMEMBERED = 1024, 2048

# What each head says, and the size of the body that it announces.
_heads: dict[bytes, tuple[dict[str, Any], int]] = {}


def find_head(data: bytes) -> tuple[dict[str, Any], bytes] | None:
    """What the head says, and the body, if the data is exactly one request with a head that is remembered."""
    end = data.find(_END) + len(_END)
    known = _heads.get(data[:end])
    if known is None or len(data) != end + known[1]:
        return None
    return known[0], data[end:]


def remember_head(data: bytes, scope: Any, body: bytes | bytearray) -> None:
    """Keeps what a parser has made of the data, unless there is more in it than this one request, or it is too long."""
    end = data.find(_END) + len(_END)
    if data[end:] == body and end <= _LONGEST_REMEMBERED:
        remember(_heads, data[:end], ({name: scope[name] for name in _SAID}, len(body)), _MOST_REMEMBERED)
