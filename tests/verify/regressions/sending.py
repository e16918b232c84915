"""Changes of a request on its way: values stored otherwise, valid ones refused, invalid ones accepted."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from tests.verify.exchange import Answer, Change, Fake, Request

Json = dict[str, Any]
WRITES = ("POST", "PUT")


def body_altered(alter: Callable[[Json], Json], *echoed: str) -> Change:
    """Stores an altered body; the answer shows the members `echoed` as they were sent."""

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method not in WRITES or not request.sent:
            return await fake.ask(request)
        answer = await fake.ask(request.sending(alter(request.sent)))
        shown = {name: request.sent[name] for name in echoed if name in request.sent}
        return answer.with_json(answer.json() | shown) if answer.is_success and shown else answer

    return change


def member_altered(name: str, alter: Callable[[Any], Any], *, is_echoed: bool = False) -> Change:
    """Stores another value of one member."""

    def altered(sent: Json) -> Json:
        return sent | {name: alter(sent[name])} if name in sent else sent

    return body_altered(altered, *([name] if is_echoed else []))


def text_altered(name: str, alter: Callable[[str], str], *, is_echoed: bool = False) -> Change:
    """Stores another text of one member; other values pass."""
    return member_altered(name, lambda value: alter(value) if isinstance(value, str) else value, is_echoed=is_echoed)


def entries_altered(name: str, alter: Callable[[Any], Any]) -> Change:
    """Stores other values in one object of the body, such as the `data` of an item."""

    def altered(entries: Any) -> Any:
        return {key: alter(value) for key, value in entries.items()} if isinstance(entries, dict) else entries

    return member_altered(name, altered)


def without_accents(text: str) -> str:
    """Returns the text in ASCII, as a column without Unicode keeps it."""
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


def without_combining_marks(text: str) -> str:
    """Returns the text without combining characters; composed ones stay."""
    return "".join(sign for sign in text if not unicodedata.combining(sign))


def rounded_as_double(value: Any) -> Any:
    """Returns an integer as JavaScript keeps it: beyond 2^53 not every one exists."""
    is_kept = not isinstance(value, int) or isinstance(value, bool) or abs(value) > 2**63
    return value if is_kept else int(float(value))


def valid_refused(is_refused: Callable[[Json], bool], field: str, documented: str) -> Change:
    """Answers 400 for valid bodies, if the caller may write at all."""

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method not in WRITES or not is_refused(request.sent):
            return await fake.ask(request)
        context = await fake.ask(request.at("/ws/context"))
        if not context.is_success or "write" not in context.json()["scope"]:
            return await fake.ask(request)
        return _bad_request(context, field, documented)

    return change


def valid_query_refused(name: str, is_refused: Callable[[str], bool]) -> Change:
    """Answers 400 for valid values of a query parameter."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if answer.is_success and is_refused(request.query.get(name, "")):
            return _bad_request(answer, name, "another value")
        return answer

    return change


def invalid_accepted(is_accepted: Callable[[Json], bool], repair: Callable[[Json], Json]) -> Change:
    """Accepts a refused body as if it were the repaired one."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        is_object = request.body.lstrip().startswith(b"{")
        if answer.status != 400 or request.method not in WRITES or not is_object or not is_accepted(request.sent):
            return answer
        repaired = repair(request.sent)
        return await fake.ask(request.sending(repaired) if repaired else request.at(request.path))

    return change


def invalid_query_accepted(name: str, is_accepted: Callable[[str], bool] = bool) -> Change:
    """Answers a refused value of a query parameter as if it were absent."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if answer.status != 400 or not is_accepted(request.query.get(name, "")):
            return answer
        rest = {other: value for other, value in request.query.items() if other != name}
        return await fake.ask(replace(request, query=rest))

    return change


def failing_when(is_fatal: Callable[[Request], bool]) -> Change:
    """Answers 500 for accepted requests of this form."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success or not is_fatal(request):
            return answer
        return replace(answer.with_json(_error(500, "Internal Server Error", "Something happened")), status=500)

    return change


def _bad_request(answer: Answer, field: str, documented: str) -> Answer:
    error = _error(400, "Bad Request", f"Validation failed: {field}: documented: {documented}")
    named = error | {"data": [{"field": field, "message": f"documented: {documented}"}]}
    return replace(answer.with_json(named), status=400)


def _error(status: int, error: str, message: str) -> Json:
    return {"statusCode": status, "error": error, "message": message}
