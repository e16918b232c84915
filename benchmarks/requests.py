"""The kinds of requests that are measured, and one plain way to send a single request.

The load itself is sent by wrk (`load.py`); what is sent here is looked at.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from http.client import HTTPConnection, HTTPException
from typing import Any

KEY = {"x-api-key": "en.DemoFullAccessCompanyAbc0000000001"}
WORKSPACE = {"en-workspace": "company-abc"}
JSON = {"content-type": "application/json"}

MEMBER, ITEMS, FIELDS = "/ws/members/17", "/ws/types/contratos/items?_limit=20", "/ws/types/contratos/fields"
FIELD = {
    "name": "Category",
    "slug": "category",
    "type": "select",
    "required": True,
    "options": {"choices": ["electronics", "clothing", "home"]},
    "position": 3,
}
BAD_FIELD = FIELD | {"slug": "Not a slug", "type": "colour", "position": -1}


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    body: str = ""
    headers: dict[str, str] = field(default_factory=lambda: KEY | WORKSPACE)

    def numbered(self, number: int) -> Request:
        """The request with `{n}` filled in, as wrk does it in a distinct form."""
        return replace(self, path=self.path.replace("{n}", str(number)), body=self.body.replace("{n}", str(number)))


@dataclass(frozen=True)
class Answer:
    """`status` is 0 if there was no answer."""

    status: int
    content_type: str
    body: str

    def value(self) -> Any:
        """The body as JSON, or `None` if it is not JSON."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Kind:
    """One row of the results. `distinct` names another record in each request: `{n}` is the request's number."""

    name: str
    operation: str
    status: int
    request: Request
    distinct: Request | None = None


def get(path: str) -> Request:
    return Request("GET", path)


def post(path: str, value: object) -> Request:
    return Request("POST", path, json.dumps(value), KEY | WORKSPACE | JSON)


DISTINCT_MEMBER = get("/ws/members/{n}")
DISTINCT_FIELD = post(FIELDS, FIELD | {"name": "Category {n}", "slug": "category-{n}"})

KINDS = (
    Kind("get one", "getMember", 200, get(MEMBER), DISTINCT_MEMBER),
    Kind("list 20", "listItems", 200, get(ITEMS), get("/ws/types/contratos-{n}/items?_limit=20")),
    Kind("create", "createField", 200, post(FIELDS, FIELD), DISTINCT_FIELD),
    Kind("bad body", "createField", 400, post(FIELDS, BAD_FIELD)),
    Kind("no key", "getMember", 401, Request("GET", MEMBER, headers=WORKSPACE)),
)


def send(port: int, request: Request) -> Answer:
    """One request on a connection of its own."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(request.method, request.path, request.body.encode() or None, request.headers)
        response = connection.getresponse()
        return Answer(response.status, response.getheader("content-type", ""), response.read().decode())
    except (OSError, HTTPException):
        return Answer(0, "", "")
    finally:
        connection.close()
