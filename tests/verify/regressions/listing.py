"""Changes of lists and counts: filters, searches, sorting, and what a list contains."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tests.verify.exchange import Answer, Change, Fake, Request

Json = dict[str, Any]
Rows = list[Json]


def query_altered(alter: Callable[[dict[str, str]], dict[str, str]]) -> Change:
    """Answers a valid query as if it were another one."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success or request.method != "GET":
            return answer
        other = await fake.ask(replace(request, query=alter(dict(request.query))))
        return other if other.is_success else answer

    return change


def rows_altered(alter: Callable[[Rows, dict[str, str]], Rows]) -> Change:
    """Changes the rows of a list; `alter` gets the query too."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success or request.method != "GET" or not isinstance(answer.json(), list):
            return answer
        return answer.with_json(alter(answer.json(), request.query))

    return change


def filter_replaced(name: str, keeps: Callable[[Json, str], bool]) -> Change:
    """Filters by another rule than equality."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer, value = await fake.ask(request), request.query.get(name)
        if not answer.is_success or value is None or request.method != "GET":
            return answer
        rows = await _without_query(request, fake, name)
        return answer.with_json([row for row in rows if keeps(row, value)][: int(request.query.get("_limit", 100))])

    return change


def filters_joined_by_or(first: str, second: str) -> Change:
    """A row that fulfils one of two filters is listed."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success or not {first, second} <= request.query.keys():
            return answer
        found = await _without_query(request, fake, first) + await _without_query(request, fake, second)
        rows = sorted({row["id"]: row for row in found}.values(), key=lambda row: int(row["id"]))
        return answer.with_json(rows[: int(request.query.get("_limit", 100))])

    return change


def search_with_wildcard(sign: str, pattern: str, names: Iterable[str]) -> Change:
    """A sign in `_q` is a wildcard over these members, as in SQL's LIKE."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer, text = await fake.ask(request), request.query.get("_q", "")
        if not answer.is_success or sign not in text:
            return answer
        like = re.compile(pattern.join(re.escape(part) for part in text.split(sign)), re.IGNORECASE)
        rows = await _without_query(request, fake, "_q")
        found = [row for row in rows if any(like.search(str(row[name] or "")) for name in names)]
        return answer.with_json(found[: int(request.query.get("_limit", 100))])

    return change


def search_by_case(names: Iterable[str]) -> Change:
    """Upper and lower case differ in a search."""

    def alter(rows: Rows, query: dict[str, str]) -> Rows:
        return [row for row in rows if any(query.get("_q", "") in str(row[name] or "") for name in names)]

    return rows_altered(alter)


async def _without_query(request: Request, fake: Fake, name: str) -> Rows:
    rest = {other: value for other, value in request.query.items() if other not in (name, "_limit")}
    rows: Rows = (await fake.ask(replace(request, query=rest | {"_limit": "1000"}))).json()
    return rows
