"""Journal entries as an HTTP archive (HAR 1.2), for browsers and proxies.

Source: the W3C draft of the format. Unknown values (cookies, sizes of heads) are -1 or empty, as it prescribes.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import parse_qsl

from mockserver.contract.media_types import Kind, kind_of

Json = dict[str, Any]


def render_har(entries: Iterable[Json], version: str) -> str:
    """The text of an archive of journal entries, given as JSON, oldest first."""
    creator = json.dumps({"name": "enspace-mockserver", "version": version})
    # One by one: a single call for all would keep other threads waiting.
    rows = ", ".join(json.dumps(_entry(entry)) for entry in entries)
    return f'{{"log": {{"version": "1.2", "creator": {creator}, "entries": [{rows}]}}}}'


def _entry(entry: Json) -> Json:
    return {
        "startedDateTime": entry["at"],
        "time": entry["milliseconds"],
        "request": _request(entry["request"]),
        "response": _response(entry["answer"]),
        "cache": {},
        "timings": {"send": 0, "wait": entry["milliseconds"], "receive": 0},
        "comment": f"{entry['operation'] or 'no operation'}, {entry['answer']['source']}",
    }


def _request(request: Json) -> Json:
    host = request["headers"].get("host", "localhost")
    query = f"?{request['query']}" if request["query"] else ""
    har = {
        "method": request["method"],
        "url": f"http://{host}{request['path']}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request["headers"].items()),
        "queryString": _pairs(parse_qsl(request["query"], keep_blank_values=True)),
        "headersSize": -1,
        "bodySize": request["size"],
    }
    if request["body"] is not None:
        media_type = request["headers"].get("content-type", "")
        har["postData"] = {"mimeType": media_type} | _sent(kind_of(media_type), request["body"])
    return har


def _sent(kind: Kind, body: Any) -> Json:
    """The body as it was sent; the journal has a form as an object, and does not keep the text of XML."""
    if kind in ("urlencoded", "multipart"):
        return {"params": [{"name": name, "value": text} for name, text in _fields(body)]}
    return {"text": "", "comment": "XML, not kept as text"} if kind == "xml" else {"text": _text(body)}


def _fields(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The fields of a form; a member of an object is `owner[name]`, as the server reads it."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _fields(part, f"{name}[{key}]" if name else key)
    elif isinstance(value, list):
        for index, part in enumerate(value):
            yield from _fields(part, f"{name}[{index if isinstance(part, dict) else ''}]")
    else:
        yield name, _text(value)


def _response(answer: Json) -> Json:
    return {
        "status": answer["status"],
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        # The journal keeps no response headers.
        "headers": [],
        "content": {"size": answer["size"], "mimeType": "application/json"} | _body(answer["body"], answer["size"]),
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": answer["size"],
    }


def _body(body: Any, size: int) -> Json:
    """The text of a body; nothing if the journal has left it out, since an empty text would be another body."""
    return {} if body is None and size else {"text": _text(body)}


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Json]:
    return [{"name": name, "value": value} for name, value in pairs]


def _text(body: Any) -> str:
    return body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
