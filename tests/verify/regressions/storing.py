"""Changes of stored records: updates and deletions with a missing, another or a further effect."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.verify.exchange import Answer, Change, Fake, Request

Json = dict[str, Any]


def reset_when_absent(**values: Any) -> Change:
    """An update sets members that were not sent to these values."""

    async def change(request: Request, fake: Fake) -> Answer:
        is_update = request.method == "PUT" and bool(request.sent)
        return await fake.ask(request.sending(values | request.sent) if is_update else request)

    return change


def update_skipped(is_skipped: Callable[[Json], bool]) -> Change:
    """Answers such an update with the unchanged record."""

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method != "PUT" or not request.sent or not is_skipped(request.sent):
            return await fake.ask(request)
        found = await fake.ask(request.at(request.path))
        return found if found.is_success else await fake.ask(request)

    return change


def whole_object_replaced(name: str) -> Change:
    """An update of an object drops the keys that were not sent, in the answer and when read."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == "PUT" and answer.is_success and isinstance(request.sent.get(name), dict):
            fake.memory[request.path] = request.sent[name]
        kept = fake.memory.get(request.path)
        if kept is None or not answer.is_success or request.method == "DELETE":
            return answer
        record = answer.json()
        return answer.with_json(record | {name: {key: record[name].get(key, kept[key]) for key in kept}})

    return change


def fixed_member_taken(name: str) -> Change:
    """An update changes a member that is fixed after creation."""

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method == "PUT" and isinstance(value := request.sent.get(name), str):
            rest = {other: sent for other, sent in request.sent.items() if other != name}
            answer = await fake.ask(request.sending(rest) if rest else request.at(request.path))
            if answer.is_success:
                fake.memory[request.path] = {name: value}
        else:
            answer = await fake.ask(request)
        return _merged(answer, request, fake)

    return change


def member_after_update(name: str, value: Callable[[Json], Any]) -> Change:
    """An update gives the record another value of a member than the fake does, from then on."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == "PUT" and answer.is_success:
            fake.memory[request.path] = {name: value(answer.json())}
        return _merged(answer, request, fake)

    return change


def _merged(answer: Answer, request: Request, fake: Fake) -> Answer:
    kept: Json = fake.memory.get(request.path, {})
    return (
        answer.with_json(answer.json() | kept) if kept and answer.is_success and request.method != "DELETE" else answer
    )


def deleted_twice() -> Change:
    """A second deletion of the same record succeeds again."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method != "DELETE":
            return answer
        if answer.is_success:
            fake.memory[request.path] = answer
        earlier: Answer | None = fake.memory.get(request.path)
        return earlier if earlier and answer.status == 404 else answer

    return change


def referrers_kept(collection: str, member: str) -> Change:
    """A deletion leaves `member` of the records in another collection as it was."""

    async def rows(request: Request, fake: Fake) -> dict[Any, Json]:
        listed = await fake.ask(request.at(collection, _limit=1000))
        return {row["id"]: row for row in listed.json()} if listed.is_success else {}

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method == "DELETE":
            before = await rows(request, fake)
            answer = await fake.ask(request)
            after = await rows(request, fake) if answer.is_success else before
            stale = {key: row[member] for key, row in before.items() if key in after and row != after[key]}
            fake.memory.update(stale)
            return answer
        return (
            _with_stale(await fake.ask(request), member, fake) if request.method == "GET" else await fake.ask(request)
        )

    return change


def _with_stale(answer: Answer, member: str, fake: Fake) -> Answer:
    if not answer.is_success:
        return answer

    def stale(row: Json) -> Json:
        return row | {member: fake.memory[row["id"]]} if row["id"] in fake.memory else row

    body = answer.json()
    return answer.with_json([stale(row) for row in body] if isinstance(body, list) else stale(body))


def cached_at_first() -> Change:
    """A GET is answered as at its first time, whatever was written since."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method != "GET" or not answer.is_success:
            return answer
        key = request.path, tuple(sorted(request.query.items())), request.headers.get("en-workspace")
        first: Answer = fake.memory.setdefault(str(key), answer)
        return first

    return change


def followed_by(effect: Callable[[Request, Answer, Fake], Awaitable[None]], method: str) -> Change:
    """A successful write has a further effect."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == method and answer.is_success:
            await effect(request, answer, fake)
        return answer

    return change


def created_hidden(reader: str, member: str) -> Change:
    """A list inside the records at the path `reader` does not show what was created since the start."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == "POST" and answer.is_success:
            fake.memory[str(answer.json()["id"])] = True
        if request.method != "GET" or not answer.is_success or not request.path.startswith(reader):
            return answer
        record = answer.json()
        return answer.with_json(record | {member: [row for row in record[member] if str(row["id"]) not in fake.memory]})

    return change
