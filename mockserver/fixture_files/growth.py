"""Growth of fixtures: more items, members and quick tasks, as realistic as the existing ones.

The handlers create the new records, so that they keep every rule; their values are variations of existing values. The
same seed creates the same records.
"""

from __future__ import annotations

import random
import re
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from mockserver.enspace import items, members, quick_tasks, values
from mockserver.enspace.context import Context, as_instant
from mockserver.errors import StartError
from mockserver.fixture_files.rows import write_rows
from mockserver.payloads.fakers import Fakers
from mockserver.payloads.randomness import seed_of
from mockserver.payloads.realism import People
from mockserver.state.request_log import RequestLog
from mockserver.state.table import Record, Table
from mockserver.state.world import World

_GROWING = ("users", "members", "mgroups", "items", "schedule_tasks", "quick_tasks")
_NUMBER = re.compile(r"[0-9]")


class Grower:
    """Adds records to a world. Its clock starts at the newest time stamp and advances a minute per record."""

    def __init__(self, world: World, seed: int, locale: str) -> None:
        self._world, self._seed = world, seed
        self._random = random.Random(seed)
        self._people = People(Fakers(locale), locale)
        self._instant = max(
            (as_instant(record["updated_at"]) for name in _GROWING[1:] for record in world[name]),
            default=datetime.fromisoformat("2026-01-05T09:00:00Z"),
        )

    def grow(self, item_count: int, member_count: int, quick_task_count: int) -> None:
        """Creates records until there are so many of them; existing records stay. Raises `StartError`."""
        wanted = {"items": item_count, "members": member_count, "quick_tasks": quick_task_count}
        for name, count in wanted.items():
            if count and not len(self._world[name]):
                option = f"--{name.replace('_', '-')}"
                raise StartError(f"{option}: the fixtures have none to vary. Fix: add one to {name}.yaml.")
        with self._world.transaction():
            for _ in range(member_count - len(self._world["members"])):
                self._add_member()
            # One entry per item, so that frequent types stay frequent.
            types = [item["item_type"] for item in self._world["items"]]
            for _ in range(item_count - len(self._world["items"])):
                self._add_item(self._random.choice(types))
            for _ in range(quick_task_count - len(self._world["quick_tasks"])):
                self._add_quick_task()

    def _context(self, workspace: Record) -> Context:
        self._instant += timedelta(minutes=1)
        active = self._world["members"].where(workspace=workspace["id"], status="active")
        user = self._world["users"].get(self._random.choice(active)["user"])
        assert user is not None
        return Context(self._world, self._instant.timestamp(), self._seed, RequestLog(), user, workspace=workspace)

    def _add_member(self) -> None:
        context = self._context(self._random.choice(list(self._world["workspaces"])))
        person = seed_of(self._random.getrandbits(32))
        fname, lname, login = (self._people.draw(part)(person) for part in ("first", "last", "login"))
        # The number makes the address unique, whoever is drawn.
        address = f"{login}{len(self._world['users'])}@{self._people.domain}"
        roles = [role["id"] for role in self._world["roles"].where(workspace=context.workspace["id"])]
        kind = self._random.choice(("full", "standard", "standard", "viewer"))
        role = self._random.choice(roles) if roles and kind == "standard" else None
        body = {"email": address, "type": kind, "role": role, "fname": fname, "lname": lname}
        members.create_member(context, body)

    def _add_item(self, type_id: int) -> None:
        item_type = self._known("types", type_id)
        context = self._context(self._known("workspaces", item_type["workspace"]))
        fields = self._world["fields"].where(item_type=type_id, active=True)
        siblings = self._world["items"].select({"item_type": type_id}, limit=200)
        data = {field["slug"]: self._value(field, siblings) for field in fields}
        body = {"data": {slug: value for slug, value in data.items() if value is not None}}
        items.create_item(context, item_type["slug"], body)

    def _add_quick_task(self) -> None:
        pattern = self._random.choice(list(self._world["quick_tasks"]))
        context = self._context(self._known("workspaces", pattern["workspace"]))
        kept = ("title", "description", "kind", "priority", "points")
        quick_tasks.create_quick_task(context, {name: pattern[name] for name in kept})

    def _known(self, table: str, id: int) -> Record:
        record = self._world[table].get(id)
        assert record is not None
        return record

    def _value(self, field: Record, siblings: list[Record]) -> Any:
        """Returns a variation of the value of another item; None if that has none and the field is optional."""
        sibling = self._random.choice(siblings)["data"].get(field["slug"])
        if sibling is None and not field["required"]:
            return None
        match field["type"]:
            case "select":
                return self._random.choice(values.choices_of(field))
            case "boolean":
                return self._random.random() < 0.5
            case "number":
                return round((sibling or 100) * self._random.uniform(0.5, 1.5), 2)
            case "date":
                return (self._instant + timedelta(days=self._random.randint(-400, 200))).date().isoformat()
            # New digits in an old text keep its form: `CT-2026-014` becomes `CT-7031-552`.
            case "text":
                return _NUMBER.sub(lambda _: str(self._random.randint(0, 9)), sibling or field["name"])
        return sibling


def write_fixtures(world: World, tables: Iterable[Table], source: Path, target: Path) -> None:
    """Writes a folder of fixtures: grown collections from the world, the other files as they are in `source`."""
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(source.glob("*.yaml")):
        shutil.copyfile(file, target / file.name)
    for table in tables:
        if table.name in _GROWING:
            write_rows(world, table, target)
