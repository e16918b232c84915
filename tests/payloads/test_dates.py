"""Times lie in a fixed window and come one after the other."""

from datetime import datetime, timedelta

import pytest

from mockserver.contract.document import Schema
from mockserver.payloads.realism import END, START
from tests.payloads.builders import INSTANT, faults_in, record, values_of

TIME: Schema = {"type": "string", "format": "date-time"}
DAY: Schema = {"type": "string", "format": "date"}


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_instant__lies_in_the_window() -> None:
    texts = [value["created_at"] for value in values_of(record(created_at=TIME))]
    assert all(map(INSTANT.fullmatch, texts))
    assert all(START <= moment(text) <= END for text in texts)
    assert len(set(texts)) > 40


def test_updated_at__is_moments_after_created_at() -> None:
    for value in values_of(record(updated_at=TIME, created_at=TIME)):
        distance = moment(value["updated_at"]) - moment(value["created_at"])
        assert timedelta(milliseconds=9) <= distance <= timedelta(milliseconds=21)


@pytest.mark.parametrize("name", ["expires_at", "due_date", "dueDate", "vencimento"])
def test_future_dates__come_after_created_at(name: str) -> None:
    values = values_of(record(created_at=TIME, **{name: TIME}))
    assert all(moment(value[name]) - moment(value["created_at"]) >= timedelta(days=1) for value in values)
    assert any(moment(value[name]) > END for value in values)


@pytest.mark.parametrize("name", ["completed_at", "last_used_at", "started_at", "deletedAt"])
def test_past_dates__lie_between_created_at_and_the_end(name: str) -> None:
    values = values_of(record(created_at=TIME, **{name: TIME}))
    assert all(moment(value["created_at"]) <= moment(value[name]) <= END for value in values)
    assert any(value["created_at"] != value[name] for value in values)


def test_day__is_that_of_the_instant() -> None:
    values = values_of(record(created_at=TIME, created_on=DAY, due_date=DAY))
    assert all(value["created_at"].startswith(value["created_on"]) for value in values)
    assert all(value["created_on"] < value["due_date"] for value in values)


def test_birthday__is_that_of_a_grown_up() -> None:
    days = [value["birth_date"] for value in values_of(record(birth_date=DAY))]
    assert all("1955" <= day[:4] <= "2008" for day in days)


def test_instant__with_a_further_bound_keeps_it() -> None:
    schema = record(created_at=TIME, updated_at={**TIME, "pattern": "1..Z$"})
    assert faults_in(schema, values_of(schema)) == []
