"""Purchase orders, kept in Enspace as items of the type `compras`.

Calls that fail on Enspace's side are sent again where that can do no harm; what Enspace refuses is an `OrderRefused`
that says what to mend.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx

ORDERS = "/ws/types/compras/items"
MOST_TRIES = 4

Order = dict[str, Any]


class OrderRefused(Exception):
    """Enspace refused the order; `fields` tells the message for each input."""

    def __init__(self, answer: httpx.Response) -> None:
        told = answer.json()
        super().__init__(told["message"])
        self.fields = {row["field"]: row["message"] for row in told.get("data", [])}


class Orders:
    """The orders of one workspace; `client` carries its address and its key."""

    def __init__(self, client: httpx.Client, sleep: Callable[[float], None] = time.sleep) -> None:
        self._client, self._sleep = client, sleep

    def place(self, number: str, value: float, **values: Any) -> Order:
        """Sends an order, and after a failure of Enspace once more if it has not arrived."""
        data = {"pedido": number, "valor": value, **values}
        answer = self._call("POST", ORDERS, json={"data": data})
        if answer.is_server_error:
            if arrived := self.find(pedido=number):
                return arrived[0]
            answer = self._call("POST", ORDERS, json={"data": data})
        placed: Order = _told(answer)
        return placed

    def find(self, **values: str) -> list[Order]:
        """The orders with these values, the newest first."""
        found: list[Order] = _told(self._call("GET", ORDERS, params={**values, "_sort": "created_at:DESC"}))
        return found

    def close(self, reference: str) -> Order:
        """An order that has been delivered."""
        closed: Order = _told(self._call("PUT", f"{ORDERS}/{reference}", json={"status": "inactive"}))
        return closed

    def _call(self, method: str, path: str, **request: Any) -> httpx.Response:
        for tries in range(1, MOST_TRIES + 1):
            answer = self._client.request(method, path, **request)
            if tries == MOST_TRIES or not _is_worth_another(answer, method):
                break
            self._sleep(float(answer.headers.get("retry-after", 2**tries)))
        return answer


def _is_worth_another(answer: httpx.Response, method: str) -> bool:
    return answer.status_code == 429 or (answer.is_server_error and method != "POST")


def _told(answer: httpx.Response) -> Any:
    if answer.status_code == 400:
        raise OrderRefused(answer)
    return answer.raise_for_status().json()
