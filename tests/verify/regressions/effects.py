"""Changes of single effects that the contract describes: of one action, one counter or one record."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from tests.verify.exchange import Answer, Change, Fake, Request

Json = dict[str, Any]


def all_forms_listed() -> Change:
    """The forms of creation are all forms."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success or request.method != "GET":
            return answer
        return await fake.ask(request.at("/c-forms", **request.query))

    return change


def workspace_by_default(workspace: str) -> Change:
    """A request that names no workspace is answered from this one."""

    async def change(request: Request, fake: Fake) -> Answer:
        is_named = "en-workspace" in request.headers
        return await fake.ask(request if is_named else request.carrying(en_workspace=workspace))

    return change


def group_emptied() -> Change:
    """A removal of some users removes all users of the group."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == "DELETE" and answer.is_success:
            await fake.ask(request.at(request.path.removesuffix("/users"), "PUT").sending({"users": []}))
        return answer

    return change


def completed_left_out() -> Change:
    """The statistics count quick tasks that are not completed."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success:
            return answer
        done = await fake.ask(request.at("/c-quick-tasks/count", status="completed"))
        counters = answer.json()
        return answer.with_json(counters | {"quick_tasks": counters["quick_tasks"] - done.json()})

    return change


def decision_without_completion() -> Change:
    """A decided quick task keeps its status."""

    async def change(request: Request, fake: Fake) -> Answer:
        before = await fake.ask(request.at(request.path))
        answer = await fake.ask(request)
        if request.method == "PUT" and answer.is_success and request.sent.get("approval") and before.is_success:
            undecided = {name: before.json()[name] for name in ("status", "completed_at")}
            fake.memory[request.path] = {"approval": answer.json()["approval"]} | undecided
        elif request.method == "PUT" and answer.is_success:
            fake.memory.pop(request.path, None)
        kept: Json = fake.memory.get(request.path, {})
        return answer.with_json(answer.json() | kept) if kept and answer.is_success else answer

    return change


def stamp_moved_by_reading() -> Change:
    """Each reading of a record moves its `updated_at` by a minute."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method != "GET" or not answer.is_success:
            return answer
        readings = fake.memory[request.path] = fake.memory.get(request.path, 0) + 1
        record = answer.json()
        return answer.with_json(record | {"updated_at": moved(record["updated_at"], minutes=readings)})

    return change


def moved(stamp: str, **by: float) -> str:
    """Returns a timestamp of the contract's form, moved by hours or minutes."""
    instant = datetime.fromisoformat(stamp) + timedelta(**by)
    return instant.isoformat(timespec="milliseconds").replace("+00:00", "Z")
