"""Changes of an answer: members renamed, removed and retyped, errors of another form, foreign records."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tests.verify.breaking import answers
from tests.verify.exchange import Answer, Change, Fake, Request

Json = dict[str, Any]


def renamed(old: str, new: str) -> Change:
    """A member of each record has another name."""
    return answers.records_changed(
        lambda record: {new if name == old else name: value for name, value in record.items()}
    )


def inside(path: tuple[str, ...], alter: Callable[[Any], Any]) -> Change:
    """Changes the value at a path of member names in each record; lists on the way are entered."""
    return answers.records_changed(lambda record: altered_at(path, record, alter))


def altered_at(path: tuple[str, ...], value: Any, alter: Callable[[Any], Any]) -> Any:
    """Returns a copy of the value, changed at the path; where the path does not exist nothing changes."""
    if not path:
        return alter(value)
    if isinstance(value, list):
        return [altered_at(path, entry, alter) for entry in value]
    if not isinstance(value, dict) or path[0] not in value:
        return value
    return value | {path[0]: altered_at(path[1:], value[path[0]], alter)}


def without(record: Json, *names: str) -> Json:
    """Returns a copy of the record without these members."""
    return {name: value for name, value in record.items() if name not in names}


def raw(alter: Callable[[bytes], bytes], statuses: Iterable[int] = (200,), **headers: str) -> Change:
    """Changes the bytes of a body; `_` in a header name stands for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return answers.answer_changed(
        lambda answer: replace(answer, body=alter(answer.body), headers=answer.headers | named), tuple(statuses)
    )


def emptied(status: int) -> Change:
    """A success has this status and no body."""
    return answers.answer_changed(lambda answer: replace(answer, status=status, headers={}, body=b""))


def in_method(method: str, change: Change) -> Change:
    """Applies a change to requests of one method only."""

    async def limited(request: Request, fake: Fake) -> Answer:
        return await (change(request, fake) if request.method == method else fake.ask(request))

    return limited


def missing_found_in(workspace: str) -> Change:
    """Answers a missing record with the one of another workspace of the same key."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if answer.status != 404 or request.method != "GET":
            return answer
        elsewhere = await fake.ask(request.carrying(en_workspace=workspace))
        return elsewhere if elsewhere.is_success else answer

    return change


def joined_with(workspace: str, join: Callable[[Any, Any], Any]) -> Change:
    """Joins each success of a GET with the same answer of another workspace of the same key."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success or request.method != "GET" or request.headers.get("en-workspace") == workspace:
            return answer
        elsewhere = await fake.ask(request.carrying(en_workspace=workspace))
        return answer.with_json(join(answer.json(), elsewhere.json())) if elsewhere.is_success else answer

    return change


def undocumented_method_accepted(method: str) -> Change:
    """Answers a method that the path does not have as if it had been done."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if answer.status != 405 or request.method != method:
            return answer
        return replace(answer.with_json({"data": True, "message": "Done"}), status=200)

    return change
