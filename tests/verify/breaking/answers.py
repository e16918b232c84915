"""Changes of a single answer: body, status, headers, time. They keep no state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.verify.exchange import Answer, Change, Fake, Request

Json = dict[str, Any]


def answer_changed(alter: Callable[[Answer], Answer], statuses: tuple[int, ...] = (200,)) -> Change:
    """Lets the fake answer, and alters what it answers with one of these statuses."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        return alter(answer) if answer.status in statuses else answer

    return change


def body_changed(alter: Callable[[Any], Any], statuses: tuple[int, ...] = (200,)) -> Change:
    """Changes the value in the body."""
    return answer_changed(lambda answer: answer.with_json(alter(answer.json())), statuses)


def records_changed(alter: Callable[[Json], Json]) -> Change:
    """Changes the record in an answer, or each record of its list."""
    return body_changed(lambda body: [alter(row) for row in body] if isinstance(body, list) else alter(body))


def with_member(**members: Any) -> Change:
    """Each record has these values."""
    return records_changed(lambda record: record | members)


def without_member(name: str) -> Change:
    """No record has this member."""
    return records_changed(lambda record: {key: value for key, value in record.items() if key != name})


def with_status(status: int) -> Change:
    """A success has another status."""
    return answer_changed(lambda answer: replace(answer, status=status))


def with_header(name: str, value: str) -> Change:
    """A success carries another header."""
    return answer_changed(lambda answer: replace(answer, headers=answer.headers | {name: value}))


def without_header(name: str, status: int) -> Change:
    """Answers of this status lack a header."""

    def alter(answer: Answer) -> Answer:
        return replace(answer, headers={key: value for key, value in answer.headers.items() if key != name})

    return answer_changed(alter, (status,))


def cut_short() -> Change:
    """The body ends in its middle, and its length says so."""
    return answer_changed(lambda answer: replace(answer, body=answer.body[: len(answer.body) // 2]))


def slow(seconds: float) -> Change:
    """A success takes its time."""
    return answer_changed(lambda answer: replace(answer, delay=seconds))


def message_with(text: str, status: int) -> Change:
    """The message of an error contains internals of the server."""
    return body_changed(lambda error: error | {"message": f"{error['message']}: {text}"}, (status,))


def failing_on_long(name: str, most: int) -> Change:
    """A long text in the query is an internal error instead of a refusal."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if answer.is_success and len(request.query.get(name, "")) > most:
            error = {
                "statusCode": 500,
                "error": "Internal Server Error",
                "message": "An internal server error occurred",
            }
            return replace(answer.with_json(error), status=500)
        return answer

    return change


def found_though_missing(collection: str) -> Change:
    """Answers a missing record with another one of its collection."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if answer.status != 404:
            return answer
        listed = await fake.ask(request.at(collection, _limit=1))
        return listed.with_json(listed.json()[0]) if listed.is_success else answer

    return change
