"""Handlers of the control API for records: collections, pages of records, and changes of one record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from math import inf
from typing import Any

from mockserver.control.cooperative import cooperatively
from mockserver.control.problems import bad_request, conflict, not_found, state_errors
from mockserver.control.sandbox_selection import select_sandbox
from mockserver.control.search import Query, RecordSearch
from mockserver.enspace.hidden_members import masked
from mockserver.fixture_files.fixture_validator import FixtureValidator
from mockserver.fixture_files.record_editor import EditError, Editor, RecordEdit, raise_if_any
from mockserver.secrets import mask_text
from mockserver.state.collection import Collection
from mockserver.state.sandboxes import Sandbox, Sandboxes
from mockserver.state.stores import Stale
from mockserver.state.table import Record, read_member
from mockserver.state.world import Change, World

Json = dict[str, Any]

# The display name of a record is the first of these members that has a value.
_NAME_MEMBERS = ("email", "name", "title", "slug", "reference", "description")

# A change is repeated this often if other requests change the world meanwhile; then it runs without a pause.
_OPTIMISTIC_TRIES = 3


class RecordHandlers:
    """Operations on the records of one sandbox. Changes follow the rules of the fixtures.

    Without state (`has_state`), as for contracts of somebody else, there are no collections.
    """

    def __init__(self, sandboxes: Sandboxes, validator: FixtureValidator, *, has_state: bool) -> None:
        self._has_state = has_state
        self._sandboxes, self._validator, self._editor = sandboxes, validator, Editor(validator)
        self._search = RecordSearch()

    async def list_collections(self, sandbox: str | None = None) -> list[Json]:
        world = select_sandbox(self._sandboxes, sandbox).world
        shown = world if self._has_state else ()
        return [_describe(collection, self._validator.properties(name)) for name, collection in shown]

    async def list_records(
        self,
        collection: str,
        limit: int,
        start: int,
        sort: str = "id:ASC",
        q: str | None = None,
        where: str | None = None,
        sandbox: str | None = None,
    ) -> Json:
        world = select_sandbox(self._sandboxes, sandbox).world
        found = _collection(world, collection)
        page = await self._search.page(world, found, Query(sort, q, where), start, limit)
        return {
            "total": page.total,
            "records": [masked(collection, record) for record in page.records],
            "names": {
                relation.member: _names(world, relation.target, relation.member, page.records)
                for relation in found.table.relations
            },
        }

    async def get_record(self, collection: str, record: int, sandbox: str | None = None) -> Json:
        return masked(collection, _record(select_sandbox(self._sandboxes, sandbox).world, collection, record))

    async def create_record(self, collection: str, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        box = select_sandbox(self._sandboxes, sandbox)
        _collection(box.world, collection)

        def add(world: World, changes: list[Change]) -> RecordEdit:
            return self._editor.add(world, collection, body, box.clock(), box.seed)

        changed = await self._change(box, add)
        return masked(collection, changed.record), 201

    async def replace_record(self, collection: str, record: int, body: Json, sandbox: str | None = None) -> Json:
        box = select_sandbox(self._sandboxes, sandbox)

        def replace(world: World, changes: list[Change]) -> RecordEdit:
            return self._editor.replace(world, collection, _record(world, collection, record), body, box.clock())

        changed = await self._change(box, replace)
        return masked(collection, changed.record)

    async def delete_record(self, collection: str, record: int, sandbox: str | None = None) -> Json:
        box = select_sandbox(self._sandboxes, sandbox)

        def delete(world: World, changes: list[Change]) -> RecordEdit:
            return self._editor.delete(world, collection, _record(world, collection, record), box.clock(), changes)

        changes = (await self._change(box, delete)).changes
        deleted = Counter(change.table for change in changes if change.after is None)
        return {"deleted": dict(deleted), "changed": dict(Counter(change.table for change in changes if change.after))}

    async def _change(self, box: Sandbox, edit: Callable[[World, list[Change]], RecordEdit]) -> Changed:
        """Makes a change and checks all records that depend on it. Raises a 400 if it breaks a rule.

        The change is made in a copy, which replaces the world of the sandbox unless another request has changed that
        meanwhile. Checking may take long, and other requests run in between.
        """
        # The last try never pauses, so no other request can come between.
        for slice in (*[None] * _OPTIMISTIC_TRIES, inf):
            before, version = box.world, box.world.version
            world = before.fork()
            with _edit_errors(), world.transaction() as changes:
                edited = edit(world, changes)
                related = cooperatively(edited.related, slice)
                raise_if_any([fault async for ref in related for fault in self._editor.related_faults(world, ref)])
                # A reset or a restore replaces the world; any other change gives it a new version.
                is_unchanged = box.world is before and before.version == version
                if is_unchanged and self._adopt(box, world, changes):
                    break
        else:
            raise conflict(f"other processes change the sandbox {box.name} all the time; try again")
        return Changed(edited.record, changes)

    def _adopt(self, box: Sandbox, world: World, changes: list[Change]) -> bool:
        """Saves a change; returns False if another process has changed the sandbox meanwhile."""
        try:
            with state_errors():
                self._sandboxes.adopt(box, world, changes)
        except Stale:
            self._sandboxes.catch_up(box)
            return False
        return True


@dataclass(frozen=True)
class Changed:
    """A completed change: the edited record, and all changes of the world that came with it."""

    record: Record
    changes: list[Change]


@contextmanager
def _edit_errors() -> Iterator[None]:
    try:
        yield
    except EditError as error:
        errors = [{"member": fault.member, "message": mask_text(fault.message)} for fault in error.faults]
        raise bad_request(str(error), errors=errors) from error


def _describe(collection: Collection, properties: Json) -> Json:
    """Name, size, members and relations; `properties` are the JSON schemas of the members."""
    table = collection.table
    members = ("id", *table.needed, *table.defaults)
    return {
        "name": table.name,
        "count": len(collection),
        "members": [
            {"name": name, "needed": name in table.needed, "default": table.defaults.get(name)}
            | properties.get(name, {})
            for name in members
        ],
        "relations": [
            {"member": relation.member, "target": relation.target, "list": relation.is_list}
            for relation in table.relations
        ],
    }


def _collection(world: World, name: str) -> Collection:
    found = next((collection for known, collection in world if known == name), None)
    if found is None:
        raise not_found(f"no collection {name[:60]!r}; known are {', '.join(known for known, _ in world)}")
    return found


def _record(world: World, collection: str, id: int) -> Record:
    record = _collection(world, collection).get(id)
    if record is None:
        raise not_found(f"{collection} has no record {id}")
    return record


def _names(world: World, target: str, member: str, page: list[Record]) -> dict[str, str]:
    """The display names of the records that the page refers to, by id."""
    values = (read_member(record, member) for record in page)
    ids = {id for value in values for id in (value if isinstance(value, list) else [value])}
    found = (world[target].get(id) for id in ids)
    return {str(one["id"]): _name(masked(target, one)) for one in found if one is not None}


def _name(record: Record) -> str:
    return str(next((record[name] for name in _NAME_MEMBERS if record.get(name)), record["id"]))
