"""Kinds of measured requests, and a function that sends a single request.

The load itself is sent by wrk (`load.py`); what is sent here is looked at. In path and body `{n}` stands for the number
of the request, which is never used again, `{reference}` for the reference of an item, `{one|other}` for these by turns.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from typing import Any

KEY = {"x-api-key": "en.DemoFullAccessCompanyAbc0000000001"}
WORKSPACE = {"en-workspace": "company-abc"}
JSON = {"content-type": "application/json"}

MEMBER, ITEMS, FIELDS = "/ws/members/17", "/ws/types/contratos/items?_limit=20", "/ws/types/fornecedores/fields"
# The type that is filled with many items, by `many_items.py`.
MEASURES = "/ws/types/medidas"
FIELD = {
    "name": "Category",
    "slug": "category",
    "type": "select",
    "required": True,
    "options": {"choices": ["electronics", "clothing", "home"]},
    "position": 3,
}
BAD_FIELD = FIELD | {"slug": "Not a slug", "type": "colour", "position": -1}

# The two forms of a kind: the same request each time, and another one each time.
SAME, DISTINCT = "same", "distinct"

_PLACE = re.compile(r"\{\w+(\|\w+)?\}")


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=lambda: KEY | WORKSPACE)

    @property
    def is_numbered(self) -> bool:
        return _PLACE.search(self.path + self.body) is not None

    def numbered(self, number: int, references: Sequence[str]) -> Request:
        """Fills in the placeholders of the request, as `wrk/distinct.lua` does."""

        def filled(text: str) -> str:
            text = text.replace("{n}", str(number))
            text = re.sub(r"\{(\w+)\|(\w+)\}", r"\2" if number % 2 else r"\1", text)
            return text.replace("{reference}", references[number % len(references)]) if references else text

        return replace(self, path=filled(self.path), body=filled(self.body))


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; `status` is 0 if there was none."""

    status: int
    content_type: str
    body: str

    def value(self) -> Any:
        """Parses the body as JSON; None if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Kind:
    """A kind of request, one row of the results, with its documented status; `distinct` requests miss every cache."""

    name: str
    operation: str
    status: int
    request: Request
    distinct: Request | None = None

    @property
    def forms(self) -> dict[str, Request]:
        return {SAME: self.request} | ({DISTINCT: self.distinct} if self.distinct else {})


def get(path: str) -> Request:
    return Request("GET", path)


def post(path: str, value: object) -> Request:
    return Request("POST", path, json.dumps(value), KEY | WORKSPACE | JSON)


# Names that are no field slug are ignored in the query of an item list, so they make any number of different requests.
DISTINCT_SHORT_LIST = get("/ws/types/contratos/items?_limit=1&x{n}=1")
# A taken slug is refused, so each request needs another one.
NEW_FIELD = post(FIELDS, FIELD | {"name": "Category {n}", "slug": "category-{n}"})

KINDS = (
    Kind("get one", "getMember", 200, get(MEMBER), get(MEASURES + "/items/{reference}")),
    Kind("list 20", "listItems", 200, get(ITEMS), get(ITEMS + "&x{n}=1")),
    Kind("create", "createField", 200, NEW_FIELD),
    Kind("bad body", "createField", 400, post(FIELDS, BAD_FIELD)),
    Kind("no key", "getMember", 401, Request("GET", MEMBER, headers=WORKSPACE)),
)
CREATE = KINDS[2]


def send(port: int, request: Request) -> Answer:
    """Sends one request on a new connection."""
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(request.method, request.path, request.body.encode() or None, request.headers)
        response = connection.getresponse()
        return Answer(response.status, response.getheader("content-type", ""), response.read().decode())
    except (OSError, HTTPException):
        return Answer(0, "", "")
    finally:
        connection.close()
