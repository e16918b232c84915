"""Assertions on refusals: the documented status and message, and unchanged state."""

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
    """Sends a request and asserts this error, `field` among its faults, and that no record has changed.

    `headers` replace those of the client; `content` is a body that is not JSON.
    """
    before = client.world().fork()
    sent: dict[str, Any] = {} if json is None else {"json": json}
    answer = client.request(method, path, headers=headers, content=content, **sent)
    body = answer.json()
    assert answer.status_code == status, body
    assert (body["statusCode"], body["error"]) == (status, ERRORS[status])
    assert body.keys() - {"data"} == {"statusCode", "error", "message"}
    assert message_part in body["message"]
    assert field is None or field in [fault["field"] for fault in body["data"]]
    assert client.world().is_like(before)
