"""Single records as the control API shows and changes them: pages of a collection, and one record in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from typing import Any

from connexion.exceptions import ProblemException

from mockserver.control.scope import missing, problems, sandbox_of
from mockserver.control.search import Finder, Wanted
from mockserver.control.slices import in_slices
from mockserver.enspace.hidden_members import masked
from mockserver.fixture_files.fixture_validator import FixtureValidator
from mockserver.fixture_files.record_editor import EditError, Editor, RecordEdit, raise_if_any
from mockserver.secrets import mask_text
from mockserver.state.collection import Collection
from mockserver.state.sandboxes import Sandbox, Sandboxes
from mockserver.state.table import Record, read_member
from mockserver.state.world import Change, World

Json = dict[str, Any]

# What people know a record by, the first that it has.
_NAMES = ("email", "name", "title", "slug", "reference", "description")

# So often a change is made anew where others were faster; then they wait for it.
_TRIES = 3


class RecordHandlers:
    """The operations on the records of one sandbox, by the rules of the fixtures."""

    def __init__(self, sandboxes: Sandboxes, judge: FixtureValidator) -> None:
        self._sandboxes, self._judge, self._editor = sandboxes, judge, Editor(judge)
        self._finder = Finder()

    async def list_collections(self, sandbox: str | None = None) -> list[Json]:
        world = sandbox_of(self._sandboxes, sandbox).world
        return [_told(collection, self._judge.properties(name)) for name, collection in world]

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
        world = sandbox_of(self._sandboxes, sandbox).world
        found = _collection(world, collection)
        total, page = await self._finder.page(world, found, Wanted(sort, q, where), start, limit)
        names = {relation.member: _names(world, relation.target, relation.member, page)
                 for relation in found.table.relations}  # fmt: skip
        return {"total": total, "records": [masked(collection, record) for record in page], "names": names}

    async def get_record(self, collection: str, record: int, sandbox: str | None = None) -> Json:
        return masked(collection, _record(sandbox_of(self._sandboxes, sandbox).world, collection, record))

    async def create_record(self, collection: str, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        box = sandbox_of(self._sandboxes, sandbox)
        _collection(box.world, collection)
        made, _ = await self._changed(
            box, lambda world, _: self._editor.add(world, collection, body, box.clock(), box.seed)
        )
        return masked(collection, made), 201

    async def replace_record(self, collection: str, record: int, body: Json, sandbox: str | None = None) -> Json:
        box = sandbox_of(self._sandboxes, sandbox)

        def replace(world: World, changes: list[Change]) -> RecordEdit:
            return self._editor.replace(world, collection, _record(world, collection, record), body, box.clock())

        made, _ = await self._changed(box, replace)
        return masked(collection, made)

    async def delete_record(self, collection: str, record: int, sandbox: str | None = None) -> Json:
        box = sandbox_of(self._sandboxes, sandbox)

        def delete(world: World, changes: list[Change]) -> RecordEdit:
            return self._editor.delete(world, collection, _record(world, collection, record), box.clock(), changes)

        _, changes = await self._changed(box, delete)
        gone = Counter(change.table for change in changes if change.after is None)
        return {"deleted": dict(gone), "changed": dict(Counter(change.table for change in changes if change.after))}

    async def _changed(
        self, box: Sandbox, change: Callable[[World, list[Change]], RecordEdit]
    ) -> tuple[Record, list[Change]]:
        """The result of a change, made and kept as a whole; a problem of 400 if the rules do not allow it.

        It is made in a copy, which becomes the world of the sandbox unless that was changed meanwhile: a change may
        touch so many records that others have their turn while they are judged.
        """
        for slice in (*[None] * _TRIES, inf):
            before, version = box.world, box.world.version
            world = before.fork()
            with _refusals(), world.transaction() as changes:
                edit = change(world, changes)
                raise_if_any([fault async for ref in in_slices(edit.related, slice)
                             for fault in self._editor.related_faults(world, ref)])  # fmt: skip
                if box.world is before and before.version == version:
                    with problems():
                        self._sandboxes.adopt(box, world, changes)
                    break
        return edit.record, changes


@contextmanager
def _refusals() -> Iterator[None]:
    try:
        yield
    except EditError as error:
        told = [{"member": fault.member, "message": mask_text(fault.message)} for fault in error.faults]
        raise ProblemException(status=400, title="Bad Request", detail=str(error), ext={"errors": told}) from error


def _told(collection: Collection, properties: Json) -> Json:
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
        raise missing(f"no collection {name[:60]!r}; known are {', '.join(known for known, _ in world)}")
    return found


def _record(world: World, collection: str, id: int) -> Record:
    record = _collection(world, collection).get(id)
    if record is None:
        raise missing(f"{collection} has no record {id}")
    return record


def _names(world: World, target: str, member: str, page: list[Record]) -> dict[str, str]:
    """What the records that a page names are known by, by id."""
    held = (read_member(record, member) for record in page)
    ids = {id for told in held for id in (told if isinstance(told, list) else [told])}
    found = (world[target].get(id) for id in ids)
    return {str(one["id"]): _name(masked(target, one)) for one in found if one is not None}


def _name(record: Record) -> str:
    return str(next((record[name] for name in _NAMES if record.get(name)), record["id"]))
