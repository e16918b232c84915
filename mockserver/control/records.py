"""Single records as the control API shows and changes them: pages of a collection, and one record in it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

from connexion.exceptions import ProblemException

from mockserver.control.scope import missing, sandbox_of, unusable
from mockserver.enspace.editing import EditError, Editor
from mockserver.enspace.fixtures import Judge
from mockserver.enspace.masking import masked
from mockserver.secrets import mask_text
from mockserver.state.collection import Collection, Order, Test
from mockserver.state.sandboxes import Sandbox, Sandboxes
from mockserver.state.tables import Record, Table, read_member
from mockserver.state.world import Change, World

Json = dict[str, Any]

# What people know a record by, the first that it has.
_NAMES = ("email", "name", "title", "slug", "reference", "description")


class RecordHandlers:
    """The operations on the records of one sandbox, by the rules of the fixtures."""

    def __init__(self, sandboxes: Sandboxes, judge: Judge) -> None:
        self._sandboxes, self._judge, self._editor = sandboxes, judge, Editor(judge)

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
        order, named = _order(found.table, sort), _named(found.table, where)
        test = _every(found.table, q, None if named else where)
        if test is None:
            total, page = found.count(named), found.select(named, order, start, limit)
        else:
            every = found.select(named, order, test=test)
            total, page = len(every), every[start : start + limit]
        names = {relation.member: _names(world, relation.target, relation.member, page)
                 for relation in found.table.relations}  # fmt: skip
        return {"total": total, "records": [masked(collection, record) for record in page], "names": names}

    async def get_record(self, collection: str, record: int, sandbox: str | None = None) -> Json:
        return masked(collection, _record(sandbox_of(self._sandboxes, sandbox).world, collection, record))

    async def create_record(self, collection: str, body: Json, sandbox: str | None = None) -> tuple[Json, int]:
        box = sandbox_of(self._sandboxes, sandbox)
        _collection(box.world, collection)
        made, _ = self._changed(box, lambda _: self._editor.add(box.world, collection, body, box.clock(), box.seed))
        return masked(collection, made), 201

    async def replace_record(self, collection: str, record: int, body: Json, sandbox: str | None = None) -> Json:
        box = sandbox_of(self._sandboxes, sandbox)
        before = _record(box.world, collection, record)
        made, _ = self._changed(box, lambda _: self._editor.replace(box.world, collection, before, body, box.clock()))
        return masked(collection, made)

    async def delete_record(self, collection: str, record: int, sandbox: str | None = None) -> Json:
        box = sandbox_of(self._sandboxes, sandbox)
        before = _record(box.world, collection, record)
        _, changes = self._changed(
            box, lambda changes: self._editor.delete(box.world, collection, before, box.clock(), changes)
        )
        gone = Counter(change.table for change in changes if change.after is None)
        return {"deleted": dict(gone), "changed": dict(Counter(change.table for change in changes if change.after))}

    def _changed(self, box: Sandbox, change: Callable[[list[Change]], Any]) -> tuple[Any, list[Change]]:
        """The result of a change, made and kept as a whole; a problem of 400 if the rules do not allow it."""
        try:
            with box.world.transaction() as changes:
                result = change(changes)
                self._sandboxes.commit(box, changes)
                return result, changes
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


def _order(table: Table, text: str) -> Order:
    member, _, direction = text.partition(":")
    known = ("id", *table.needed, *table.defaults)
    if member not in known or direction not in ("", "ASC", "DESC"):
        raise unusable(f"sort: received {text[:60]!r}, documented: a member with :ASC or :DESC, of {', '.join(known)}")
    return ((member, direction == "DESC"),)


def _named(table: Table, where: str | None) -> dict[str, int]:
    """`item_type:12` as what an index may find; empty if `where` is not about a record that is named."""
    member, _, value = (where or "").partition(":")
    is_named = any(relation.member == member and not relation.is_list for relation in table.relations)
    return {member: int(value)} if is_named and value.isdecimal() and len(value) < 19 else {}


def _every(table: Table, q: str | None, where: str | None) -> Test | None:
    """The test that a record has to pass; None if all do."""
    tests = [*([_holds(table.name, q)] if q else []), *([_has(table, where)] if where else [])]
    return (lambda record: all(test(record) for test in tests)) if tests else None


def _holds(table: str, text: str) -> Test:
    """Is the text in any value that is shown?"""
    wanted = text.casefold()

    def holds(record: Record) -> bool:
        # Most records are left out by what they hold; only of the others it costs to be shown.
        return any(wanted in part for part in _texts(record)) and any(
            wanted in part for part in _texts(masked(table, record))
        )

    return holds


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value.casefold()
    elif isinstance(value, dict):
        for part in value.values():
            yield from _texts(part)
    elif isinstance(value, list):
        for part in value:
            yield from _texts(part)
    elif value is not None:
        yield str(value).casefold()


def _has(table: Table, where: str) -> Test:
    """`item_type:12`: does the member hold that value, or the list that it is hold it?"""
    member, _, value = where.partition(":")
    paths = {"id", *table.needed, *table.defaults, *(relation.member for relation in table.relations)}
    if member not in paths:
        raise unusable(
            f"where: received {where[:60]!r}, documented: MEMBER:VALUE with one of {', '.join(sorted(paths))}"
        )

    def has(record: Record) -> bool:
        held = read_member(masked(table.name, record), member)
        return value in map(_written, held) if isinstance(held, list) else _written(held) == value

    return has


def _written(value: Any) -> str:
    """A value as a query can name it: a text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value)


def _names(world: World, target: str, member: str, page: list[Record]) -> dict[str, str]:
    """What the records that a page names are known by, by id."""
    held = (read_member(record, member) for record in page)
    ids = {id for told in held for id in (told if isinstance(told, list) else [told])}
    found = (world[target].get(id) for id in ids)
    return {str(one["id"]): _name(masked(target, one)) for one in found if one is not None}


def _name(record: Record) -> str:
    return str(next((record[name] for name in _NAMES if record.get(name)), record["id"]))
