"""Purchase orders, stored in Enspace as items of the type `compras`.

Failed requests are retried where a repetition is safe. An invalid order raises an `OrderRefused` with a message per
input.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

ORDERS = "/ws/types/compras/items"
MAX_TRIES = 4

Order = dict[str, Any]


class OrderRefused(Exception):
    """Enspace refused the order. `fields` has the message for each input."""

    def __init__(self, answer: httpx.Response) -> None:
        error = answer.json()
        super().__init__(error["message"])
        self.fields = {row["field"]: row["message"] for row in error.get("data", [])}


class Orders:
    """The orders of one workspace. `client` sends its key to the URL of Enspace."""

    def __init__(self, client: httpx.Client, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._sleep = client, sleep

    def place(self, number: str, value: float, **values: Any) -> Order:
        """Sends an order. After a server error, sends it again if the first one was not stored."""
        data = {"pedido": number, "valor": value, **values}
        answer = self._call("POST", ORDERS, json={"data": data})
        if answer.is_server_error:
            if stored := self.find(pedido=number):
                return stored[0]
            answer = self._call("POST", ORDERS, json={"data": data})
        placed: Order = _read(answer)
        return placed

    def find(self, **values: str) -> list[Order]:
        """The orders with these values, newest first."""
        found: list[Order] = _read(self._call("GET", ORDERS, params={**values, "_sort": "created_at:DESC"}))
        return found

    def close(self, reference: str) -> Order:
        """Closes an order that has been delivered."""
        closed: Order = _read(self._call("PUT", f"{ORDERS}/{reference}", json={"status": "inactive"}))
        return closed

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        for tries in range(1, MAX_TRIES + 1):
            answer = self._client.request(method, path, **request)
            if tries == MAX_TRIES or not _can_be_retried(answer, method):
                break
            self._sleep(float(answer.headers.get("retry-after", 2**tries)))
        return answer


def _can_be_retried(answer: httpx.Response, method: str) -> bool:
    """Whether a repetition is safe: always after 429; after a server error only if the request creates nothing."""
    return answer.status_code == 429 or (answer.is_server_error and method != "POST")


def _read(answer: httpx.Response) -> Any:
    """The JSON of an answer. Raises `OrderRefused` for a 400, `HTTPStatusError` for other errors."""
    if answer.status_code == 400:
        raise OrderRefused(answer)
    return answer.raise_for_status().json()
