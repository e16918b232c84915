"""Journal entries as an HTTP archive (HAR 1.2), which browsers and proxies can show.

Source: the W3C draft of the format; what an entry does not know (cookies, sizes of heads) is -1 or empty, as it says.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

Json = dict[str, Any]


def archive(entries: list[Json], version: str) -> Json:
    """The entries, as the journal tells them, oldest first."""
    creator = {"name": "enspace-mockserver", "version": version}
    return {"log": {"version": "1.2", "creator": creator, "entries": [_entry(entry) for entry in entries]}}


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
    told = {
        "method": request["method"],
        "url": f"http://{host}{request['path']}{query}",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": _pairs(request["headers"].items()),
        "queryString": _pairs(parse_qsl(request["query"], True)),
        "headersSize": -1,
        "bodySize": request["size"],
    }
    if request["body"] is not None:
        told["postData"] = {"mimeType": request["headers"].get("content-type", ""), "text": _text(request["body"])}
    return told


def _response(answer: Json) -> Json:
    return {
        "status": answer["status"],
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [],
        "content": {"size": answer["size"], "mimeType": "application/json", "text": _text(answer["body"])},
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": answer["size"],
    }


def _pairs(pairs: Any) -> list[Json]:
    return [{"name": name, "value": value} for name, value in pairs]


def _text(body: Any) -> str:
    return body if isinstance(body, str) else "" if body is None else json.dumps(body, ensure_ascii=False)
