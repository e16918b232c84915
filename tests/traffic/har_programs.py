"""HAR files as four programs write them, from the same exchanges: each has habits of its own."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.traffic.reference.tour import Exchange

Har = dict[str, Any]
DAY = "2026-11-20T10:00:00"


def chrome(exchanges: Sequence[Exchange]) -> Har:
    """Chrome: `_` members, `x-api-key` left in, other calls of the page between, sizes of the wire, some Base64."""
    entries = []
    for number, one in enumerate(exchanges):
        entry = _entry(one) | {"_initiator": {"type": "script"}, "_priority": "High", "_resourceType": "fetch"}
        entry |= {"connection": "443", "pageref": "page_1", "startedDateTime": f"{DAY}.{number % 1000:03}Z"}
        entry["request"]["httpVersion"] = entry["response"]["httpVersion"] = "http/2.0"
        entry["request"]["headers"].insert(0, {"name": ":authority", "value": urlsplit(one.url).netloc})
        entry["response"] |= {"_transferSize": len(one.body) // 3, "_error": None, "bodySize": -1}
        if number % 7 == 0:
            entry["response"]["content"] = _in_base64(entry["response"]["content"])
        entries.append(entry)
    page = {"startedDateTime": f"{DAY}.000Z", "id": "page_1", "title": "Enspace", "pageTimings": {"onLoad": 81.2}}
    entries.insert(1, _script_of_the_page())
    return _log("WebInspector", "537.36", entries) | {"pages": [page]}


def playwright(exchanges: Sequence[Exchange]) -> Har:
    """Playwright with `content: omit` for what is no JSON: sizes without text, headers as on the wire, times of -1."""
    entries = []
    for one in exchanges:
        entry = _entry(one) | {"startedDateTime": f"{DAY}.123Z", "time": -1, "_monotonicTime": 81.2, "timings": {}}
        content = entry["response"]["content"]
        if "json" not in content["mimeType"]:
            entry["response"]["content"] = {"size": len(one.body), "mimeType": content["mimeType"] or "x-unknown"}
        entry["request"]["headersSize"], entry["request"]["bodySize"] = 412, len(one.sent)
        entry["response"] |= {"_transferSize": -1, "headersSize": 120}
        entries.append(entry)
    return _log("Playwright", "1.51.0", entries) | {"browser": {"name": "chromium", "version": "134.0.6998.35"}}


def mitmproxy(exchanges: Sequence[Exchange]) -> Har:
    """mitmproxy: local time zones, no `content.text` of empty bodies, `postData.params`, upper-case schemes kept."""
    entries = []
    for one in exchanges:
        entry = _entry(one) | {"startedDateTime": f"{DAY}.654321+00:00", "serverIPAddress": "127.0.0.1"}
        entry["response"]["content"]["compression"] = 0
        if not one.body:
            entry["response"]["content"] = {"size": 0, "compression": 0, "mimeType": _header(one, "content-type")}
        if "postData" in entry["request"]:
            entry["request"]["postData"]["params"] = []
        entries.append(entry)
    return _log("mitmproxy", "12.1.1", entries) | {"pages": []}


def schemathesis(exchanges: Sequence[Exchange]) -> Har:
    """Schemathesis: no media type of absent bodies, `statusText` filled, headers in title case, Base64 on demand."""
    entries = []
    for one in exchanges:
        entry = _entry(one) | {"startedDateTime": f"{DAY}.123456+00:00", "time": 0.01}
        for side in ("request", "response"):
            headers = entry[side]["headers"]
            entry[side]["headers"] = [{"name": h["name"].title(), "value": h["value"]} for h in headers]
        entry["response"]["statusText"] = "OK" if one.status < 400 else "Error"
        entry["response"]["content"] = _in_base64(entry["response"]["content"])
        entries.append(entry)
    return _log("Schemathesis", "4.1.4", entries)


PROGRAMS: dict[str, Callable[[Sequence[Exchange]], Har]] = {
    "Chrome": chrome,
    "Playwright": playwright,
    "mitmproxy": mitmproxy,
    "Schemathesis": schemathesis,
}


def write_har(program: str, exchanges: Sequence[Exchange]) -> str:
    """Returns the text of a HAR file."""
    return json.dumps({"log": PROGRAMS[program](exchanges)}, ensure_ascii=program == "Chrome")


def _entry(one: Exchange) -> Har:
    request: Har = {
        "method": one.method,
        "url": one.url,
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in one.sent_headers.items()],
        "queryString": [{"name": n, "value": v} for n, v in parse_qsl(urlsplit(one.url).query)],
        "headersSize": -1,
        "bodySize": len(one.sent),
    }
    if one.sent:
        request["postData"] = {"mimeType": "application/json", "text": one.sent.decode()}
    content = {"size": len(one.body), "mimeType": _header(one, "content-type"), "text": one.body.decode()}
    response = {
        "status": one.status,
        "statusText": "",
        "httpVersion": "HTTP/1.1",
        "cookies": [],
        "headers": [{"name": name, "value": value} for name, value in one.headers],
        "content": content,
        "redirectURL": "",
        "headersSize": -1,
        "bodySize": len(one.body),
    }
    timings = {"send": 0, "wait": 1.2, "receive": 0.1}
    return {"time": 1.3, "request": request, "response": response, "cache": {}, "timings": timings}


def _script_of_the_page() -> Har:
    script = Exchange(
        "GET", "https://cdn.example.com/app.js", {}, b"", 200, (("content-type", "text/javascript"),), b"1"
    )
    return _entry(script) | {"startedDateTime": f"{DAY}.000Z"}


def _in_base64(content: Har) -> Har:
    return content | {"text": base64.b64encode(content["text"].encode()).decode(), "encoding": "base64"}


def _header(one: Exchange, name: str) -> str:
    return next((value for header, value in one.headers if header.lower() == name), "")


def _log(program: str, version: str, entries: list[Har]) -> Har:
    return {"version": "1.2", "creator": {"name": program, "version": version}, "entries": entries}
