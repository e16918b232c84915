"""A refusal as Enspace tells it: the documented status and message, and nothing has changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.conftest import Enspace

ERRORS = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}


def assert_refused(
    client: Enspace,
    method: str,
    path: str,
    status: int,
    message_part: str,
    json: Any = None,
    field: str | None = None,
    *,
    headers: Mapping[str, str] | None = None,
    content: bytes | None = None,
) -> None:
    """The call is answered with this error, `field` being among its offending members, and no record is touched.

    `headers` go into the call in place of the client's own; `content` is a body that is no JSON.
    """
    before = _state(client)
    body: dict[str, Any] = {} if json is None else {"json": json}
    answer = client.request(method, path, headers=headers, content=content, **body)
    told = answer.json()
    assert answer.status_code == status, told
    assert (told["statusCode"], told["error"]) == (status, ERRORS[status])
    assert message_part in told["message"]
    assert field is None or field in [fault["field"] for fault in told["data"]]
    assert _state(client) == before


def _state(client: Enspace) -> bytes:
    told = client.get("/_mock/state")
    assert told.status_code == 200
    state: bytes = told.content
    return state
