"""Read the head: headers by name, and the preferences of the `Prefer` header."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.preferences import parse_preferences
from mockserver.pipeline.refusals import Refusal

# A second header of these names is refused: choosing one of the two would be a guess.
_SINGLE = {b"host", b"x-api-key", b"en-workspace", b"authorization", b"content-type", b"content-length"}


class ReadHead:
    """Fills in `headers` and `preferences`."""

    name = "read head"

    async def __call__(self, exchange: Exchange) -> str:
        raw_headers = exchange.scope["headers"]
        exchange.headers = headers = dict(raw_headers)
        if len(headers) != len(raw_headers):
            exchange.headers = headers = _join_repeated(raw_headers)
        if b"prefer" in headers:
            exchange.preferences = parse_preferences(headers[b"prefer"].decode("latin-1"))
            exchange.notes += exchange.preferences.notes
        return f"{len(headers)} headers"


def _join_repeated(raw_headers: Iterable[tuple[bytes, bytes]]) -> dict[bytes, bytes]:
    """Joins repeated headers with commas. Source: RFC 9110, section 5.3."""
    headers: dict[bytes, bytes] = {}
    for name, value in raw_headers:
        if name in headers and name in _SINGLE:
            raise Refusal(400, f"Invalid header: {name.decode('latin-1')} (received twice, documented: once)")
        headers[name] = headers[name] + b", " + value if name in headers else value
    return headers
