"""Changes of writes: updates, creations and deletions with another effect than their answer says."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.verify.exchange import Answer, Change, Fake, Request

Json = dict[str, Any]


def others_cleared(*names: str) -> Change:
    """An update sets these members to null, unless they are sent."""

    async def change(request: Request, fake: Fake) -> Answer:
        cleared = dict.fromkeys(names)
        return await fake.ask(request.sending(cleared | request.sent) if request.sent else request)

    return change


def neighbour_changed(**members: Any) -> Change:
    """An update changes the record with the nearest id too."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if answer.is_success:
            collection, _, own = request.path.rpartition("/")
            listed = (await fake.ask(request.at(collection))).json()
            others = [row["id"] for row in listed if row["id"] != int(own)]
            if others:
                nearest = min(others, key=lambda other: abs(other - int(own)))
                await fake.ask(request.at(f"{collection}/{nearest}", "PUT").sending(members))
        return answer

    return change


def rolled_back() -> Change:
    """Answers with success and stores nothing."""

    async def change(request: Request, fake: Fake) -> Answer:
        await fake.ask(request.at("/_mock/snapshots", "POST").sending({"name": "before"}))
        answer = await fake.ask(request)
        if answer.is_success:
            await fake.ask(request.at("/_mock/snapshots/before/restore", "POST"))
        return answer

    return change


def deleted_still_listed() -> Change:
    """Deleted records stay at the end of their list."""

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method == "DELETE":
            return await _deleted_and_remembered(request, fake)
        answer = await fake.ask(request)
        limit = int(request.query.get("_limit", 100)) if answer.is_success else 0
        gone = fake.memory.get(request.path, [])
        return answer.with_json([*answer.json(), *gone][:limit]) if limit else answer

    return change


async def _deleted_and_remembered(request: Request, fake: Fake) -> Answer:
    before = await fake.ask(request.at(request.path))
    answer = await fake.ask(request)
    if answer.is_success:
        fake.memory.setdefault(request.path.rpartition("/")[0], []).append(before.json())
    return answer


def created_not_found() -> Change:
    """A created record cannot be read."""

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method == "POST":
            answer = await fake.ask(request)
            if answer.is_success:
                fake.memory[f"{request.path}/{answer.json()['id']}"] = True
            return answer
        nowhere = f"{request.path.rpartition('/')[0]}/999999999"
        return await fake.ask(request.at(nowhere) if request.path in fake.memory else request)

    return change


def duplicate_accepted() -> Change:
    """Accepts a slug that is taken."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        slug, error = str(request.sent.get("slug")), answer.json()
        if answer.status != 400 or error.get("data") != [{"field": "slug", "message": "must be unique"}]:
            return answer
        fake.memory["number"] = number = fake.memory.get("number", 0) + 1
        second = await fake.ask(request.sending(request.sent | {"slug": f"{slug[:50]}-{number}"}))
        return second.with_json(second.json() | {"slug": slug}) if second.is_success else second

    return change


def created_at_moves() -> Change:
    """An update sets `created_at` to the present."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == "PUT" and answer.is_success:
            fake.memory[request.path] = {"created_at": answer.json()["updated_at"]}
        return _as_remembered(request, answer, fake)

    return change


def updated_at_stays() -> Change:
    """An update leaves `updated_at` as it was."""

    async def change(request: Request, fake: Fake) -> Answer:
        before = await fake.ask(request.at(request.path))
        answer = await fake.ask(request)
        if request.method == "PUT" and answer.is_success:
            stamp = before.json()["updated_at"]
            fake.memory.setdefault(request.path, {"updated_at": stamp})
        return _as_remembered(request, answer, fake)

    return change


def read_only_taken(*names: str) -> Change:
    """Read-only members that were sent are kept and returned from then on."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success:
            return answer
        path = f"{request.path}/{answer.json()['id']}" if request.method == "POST" else request.path
        taken: Json = {name: request.sent[name] for name in names if name in request.sent}
        fake.memory[path] = fake.memory.get(path, {}) | taken
        return _as_remembered(replace(request, path=path), answer, fake)

    return change


def _as_remembered(request: Request, answer: Answer, fake: Fake) -> Answer:
    """Merges the memory of the mutant into the record at this path."""
    remembered: Json = fake.memory.get(request.path, {})
    return answer.with_json(answer.json() | remembered) if answer.is_success and request.method != "DELETE" else answer
