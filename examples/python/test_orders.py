"""Tests of the program, each in a sandbox of its own. The package provides the fixture `enspace`."""

from __future__ import annotations

import httpx
import pytest

from mockserver.testing.enspace_client import Enspace
from orders import OrderRefused, Orders


@pytest.fixture
def pauses() -> list[float]:
    """The seconds that the program would have slept."""
    return []


@pytest.fixture
def orders(enspace: Enspace, pauses: list[float]) -> Orders:
    return Orders(enspace.client, sleep=pauses.append)


def test_order__that_was_placed_is_found(orders: Orders) -> None:
    placed = orders.place("PC-1", 120.5, categoria="limpeza")
    assert placed["data"]["categoria"] == "limpeza"
    assert orders.find(pedido="PC-1") == [placed]


def test_order__of_another_test_is_not_there(orders: Orders) -> None:
    assert orders.find(pedido="PC-1") == []


def test_order__is_sent_with_the_given_values(orders: Orders, enspace: Enspace) -> None:
    orders.place("PC-1", 120.5)
    enspace.journal.assert_called("createItem", body={"data": {"pedido": "PC-1", "valor": 120.5}}, times=1)
    enspace.journal.assert_not_called("updateItem")


def test_order__that_is_refused_names_the_invalid_inputs(orders: Orders) -> None:
    with pytest.raises(OrderRefused) as refused:
        orders.place("PC-1", "a lot", categoria="comida")  # type: ignore[arg-type]
    assert refused.value.fields.keys() == {"data.valor", "data.categoria"}


def test_order__whose_creation_fails_is_searched_before_it_is_sent_again(orders: Orders, enspace: Enspace) -> None:
    enspace.fault("createItem", status=500, times=1)
    orders.place("PC-1", 10)
    assert len(orders.find(pedido="PC-1")) == 1
    enspace.journal.assert_in_order("createItem", "listItems", "createItem")


def test_list__is_requested_again_after_a_failure(orders: Orders, enspace: Enspace, pauses: list[float]) -> None:
    enspace.fault("listItems", status=500, times=2)
    assert len(orders.find()) > 0
    assert pauses == [2, 4]


def test_list__waits_as_long_as_enspace_says(orders: Orders, enspace: Enspace, pauses: list[float]) -> None:
    enspace.freeze("2026-03-02T09:00:00Z")
    enspace.fault("listItems", rate={"calls": 1, "seconds": 10})
    orders.find()
    with pytest.raises(httpx.HTTPStatusError, match="429"):
        orders.find()
    assert pauses == [10, 10, 10]
    enspace.advance(10)
    assert len(orders.find()) > 0


def test_order__carries_the_time_of_its_creation(orders: Orders, enspace: Enspace) -> None:
    enspace.freeze("2026-03-02T09:00:00Z")
    first = orders.place("PC-1", 1)
    enspace.advance(60)
    assert (first["created_at"], orders.place("PC-2", 1)["created_at"]) == (
        "2026-03-02T09:00:00.000Z",
        "2026-03-02T09:01:00.000Z",
    )


def test_orders__can_be_set_up_once_and_used_often(orders: Orders, enspace: Enspace) -> None:
    placed = orders.place("PC-1", 1)
    enspace.snapshot("with-an-order")
    orders.close(placed["reference"])
    enspace.restore("with-an-order")
    assert [order["status"] for order in orders.find(pedido="PC-1")] == ["active"]
