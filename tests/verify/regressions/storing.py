"""Changes of stored records: updates and deletions with a missing, another or a further effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from tests.verify.exchange import Answer, Change, Fake, Request

Json = dict[str, Any]


def reset_when_absent(**values: Any) -> Change:
    """An update sets members that were not sent to these values."""

    async def change(request: Request, fake: Fake) -> Answer:
        is_update = request.method == "PUT" and bool(request.sent)
        return await fake.ask(request.sending(values | request.sent) if is_update else request)

    return change


def update_keeping(kept: Callable[[Json], Iterable[str]]) -> Change:
    """An update leaves the members that `kept` returns for its body as they were."""

    async def change(request: Request, fake: Fake) -> Answer:
        names = list(kept(request.sent)) if request.method == "PUT" else []
        found = await fake.ask(request.at(request.path)) if names else None
        if found is None or not found.is_success:
            return await fake.ask(request)
        before = {name: value for name, value in found.json().items() if name in names}
        return await fake.ask(request.sending(request.sent | before))

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

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method == "DELETE":
            before = await _rows_by_id(collection, request, fake)
            answer = await fake.ask(request)
            after = await _rows_by_id(collection, request, fake)
            changed = [key for key, row in before.items() if row != after.get(key, row)]
            fake.memory.update({str(key): before[key][member] for key in changed if answer.is_success})
            return answer
        answer = await fake.ask(request)
        if request.method != "GET" or not answer.is_success:
            return answer
        body = answer.json()
        rows = [_with_stale(row, member, fake) for row in (body if isinstance(body, list) else [body])]
        return answer.with_json(rows if isinstance(body, list) else rows[0])

    return change


async def _rows_by_id(collection: str, request: Request, fake: Fake) -> dict[Any, Json]:
    listed = await fake.ask(request.at(collection, _limit=1000))
    return {row["id"]: row for row in listed.json()} if listed.is_success else {}


def _with_stale(row: Json, member: str, fake: Fake) -> Json:
    return row | {member: fake.memory[str(row["id"])]} if str(row["id"]) in fake.memory else row


def cached_at_first() -> Change:
    """A GET is answered as at its first time, whatever was written since."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method != "GET" or not answer.is_success:
            return answer
        workspace = request.headers.get("en-workspace", "")
        first: Answer = fake.memory.setdefault(f"{workspace} {request.path} {sorted(request.query.items())}", answer)
        return first

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
