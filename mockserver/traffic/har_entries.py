"""HAR entries of forwarded calls. Secrets never get into one; personal data is replaced unless it is to be kept."""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Collection, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, quote, urlencode

from mockserver.contract.document import Document
from mockserver.contract.media_types import is_json
from mockserver.contract.operations import Operation
from mockserver.contract.yaml_text import parse_json
from mockserver.judging.call_matcher import CallMatcher
from mockserver.secrets import MASK, SecretMembers, mask_headers, mask_path, mask_query
from mockserver.traffic.har_writer import REPLACED
from mockserver.traffic.personal_data import PersonalData

MOST_BODY = 5_000_000  # bytes of a body that is recorded; a longer one has its size only
Headers = list[tuple[bytes, bytes]]
# Headers without secrets that may name a person, or the machine of one.
_PERSONAL_HEADERS = frozenset(
    "from origin user-agent via x-forwarded-for x-forwarded-host x-requested-with".split()  # noqa: SIM905
)


@dataclass
class ForwardedCall:
    """A call that the proxy has forwarded. A body is None if it was too long; `status` is 0 without an answer."""

    started: datetime
    method: str
    path: str
    query: str
    request_headers: Headers
    request_body: bytes | None = b""
    status: int = 0
    response_headers: Headers = field(default_factory=list)
    response_body: bytes | None = b""
    response_size: int = 0
    begin: float = field(default_factory=time.perf_counter)
    milliseconds: float = 0


class HarEntries:
    """Makes entries. Without `personal`, values stay as they are; secrets are masked in any case."""

    def __init__(self, document: Document, target: str, prefix: str, personal: PersonalData | None) -> None:
        self._target, self._personal = target, personal
        self._matcher = CallMatcher(document, prefix)
        self._keys: dict[str, str] = {}

    def entry(self, call: ForwardedCall) -> dict[str, Any]:
        """Returns the entry of a call."""
        operation = self._matcher.match(call.method, call.path)
        keys = self._matcher.path_keys(call.method, call.path).values() if operation else ()
        query = self._query(call.query, operation)
        request: dict[str, Any] = {
            "method": call.method,
            "url": f"{self._target}{self._path(call.path, keys)}" + (f"?{query}" if query else ""),
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": self._headers(call.request_headers),
            "queryString": [{"name": n, "value": v} for n, v in parse_qsl(query, keep_blank_values=True)],
            "headersSize": -1,
            "bodySize": len(call.request_body) if call.request_body is not None else -1,
        }
        if call.request_body or call.request_body is None:
            request["postData"] = self._request_body(call, operation)
        return {
            # Microseconds, since two short recordings may begin within the same millisecond.
            "startedDateTime": call.started.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z"),
            "time": round(call.milliseconds, 3),
            "request": request,
            "response": {
                "status": call.status,
                "statusText": "",
                "httpVersion": "HTTP/1.1",
                "cookies": [],
                "headers": self._headers(call.response_headers),
                "content": self._response_body(call, operation),
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": call.response_size,
            },
            "cache": {},
            "timings": {"send": 0, "wait": round(call.milliseconds, 3), "receive": 0},
        } | ({} if self._personal is None else {"comment": REPLACED})

    def _headers(self, headers: Iterable[tuple[bytes, bytes]]) -> list[dict[str, str]]:
        shown = []
        for raw_name, raw_value in headers:
            name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
            if name == "x-api-key":
                # So that a replay knows which calls used the same key.
                value = self._keys.setdefault(value, f"key-{len(self._keys) + 1}")
            elif name in ("x-mock-source", "x-mock-operation", "retry-after"):
                pass
            elif self._personal is not None and name in _PERSONAL_HEADERS:
                value = MASK
            else:
                value = mask_headers({name: value})[name]
                if self._personal is not None and name == "en-workspace":
                    value = self._personal.slug(value)
            if name not in ("cookie", "set-cookie", "authorization", "location", "referer"):
                shown.append({"name": name, "value": value})
        return shown

    def _path(self, path: str, keys: Collection[str]) -> str:
        masked = mask_path(path)
        if self._personal is None:
            return masked
        return self._personal.path(masked, keys)

    def _query(self, query: str, operation: Operation | None) -> str:
        masked = mask_query(query)
        if self._personal is None or not masked:
            return masked
        harmless = {p.name for p in operation.parameters_in("query") if _is_harmless(p.schema)} if operation else set()
        pairs = [
            (name, value if name in harmless or value == "***" or _is_number(value) else self._personal.text(value))
            for name, value in parse_qsl(masked, keep_blank_values=True)
        ]
        return urlencode(pairs, quote_via=quote, safe="*")

    def _request_body(self, call: ForwardedCall, operation: Operation | None) -> dict[str, Any]:
        media_type = _header(call.request_headers, b"content-type")
        secrets = operation.body.secrets if operation and operation.body else SecretMembers()
        place = self._matcher.request_place(operation) if operation else None
        return {"mimeType": media_type} | self._content(call.request_body, media_type, secrets, place)

    def _response_body(self, call: ForwardedCall, operation: Operation | None) -> dict[str, Any]:
        media_type = _header(call.response_headers, b"content-type")
        body = _unpacked(call.response_body, _header(call.response_headers, b"content-encoding"))
        place = self._matcher.nearest_body_place(operation, call.status) if operation else None
        size = {"size": len(body) if body is not None else call.response_size}
        return size | {"mimeType": media_type} | self._content(body, media_type, SecretMembers(), place)

    def _content(self, body: bytes | None, media_type: str, secrets: SecretMembers, place: Any) -> dict[str, str]:
        """The text of a JSON body; nothing of any other, since nothing says what in it is personal."""
        if body is None or not is_json(media_type):
            return {"text": ""} if body == b"" else {}
        try:
            value = secrets.mask(parse_json(body.decode("utf-8")))
        except ValueError:
            return {}
        if self._personal is not None:
            value = self._personal.replace(value, place)
        return {"text": json.dumps(value, ensure_ascii=False)}


def _is_number(text: str) -> bool:
    """Whether a text is a number, and not as long as a CPF or CNPJ."""
    return text.isdecimal() and len(text) not in (11, 14)


def _is_harmless(schema: dict[str, Any]) -> bool:
    """Whether all values that a parameter takes are choices, numbers, or of a pattern."""
    items = schema.get("items", schema)
    return items.get("type") in ("integer", "number", "boolean") or bool({"enum", "pattern"} & items.keys())


def _header(headers: Iterable[tuple[bytes, bytes]], name: bytes) -> str:
    return next((value.decode("latin-1") for found, value in headers if found.lower() == name), "")


def _unpacked(body: bytes | None, encoding: str) -> bytes | None:
    """Unpacks a body; None if it is longer than what is recorded, or broken."""
    if body is None or encoding not in ("gzip", "deflate"):
        return body
    with suppress(zlib.error):
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        unpacked = unpacker.decompress(body, MOST_BODY)
        return None if unpacker.unconsumed_tail else unpacked
    return None
