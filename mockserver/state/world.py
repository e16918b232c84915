"""A world: all collections of one sandbox, changed in transactions only, kept free of dangling references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any, NamedTuple, Self

from mockserver.state.collection import Collection
from mockserver.state.table import Record, Relation, Table, read_member, with_member

_versions = count(1)


class Change(NamedTuple):
    """What became of one record: None before for a new one, None after for a deleted one."""

    table: str
    id: int
    before: Record | None
    after: Record | None


class World:
    """Collections by name. `sequences` holds the last id of each; an id is never given twice.

    `version` is another one after each transaction that changed something, and never that of another world.
    """

    def __init__(self, tables: Iterable[Table]) -> None:
        tables = tuple(tables)
        self._collections = {table.name: Collection(table) for table in tables}
        self._referrers = _referrers(tables)
        self._changes: list[Change] = []
        self._last_ids: dict[str, int] = {}  # as they were before the present transaction, where it gave new ones
        # What has been made of the present records, by whoever likes to remember it; gone with the next change.
        self.memo: dict[Any, Any] = {}
        self.sequences: dict[str, int] = {}
        self.version = next(_versions)

    def fork(self) -> World:
        """An independent copy, for the price of one reference for each collection."""
        twin = World(())
        twin._collections = {name: collection.fork() for name, collection in self._collections.items()}
        twin._referrers, twin.sequences = self._referrers, self.sequences.copy()
        return twin

    def is_like(self, other: World) -> bool:
        """True if both hold the same records."""
        return all(collection.is_like(other[name]) for name, collection in self)

    def __getitem__(self, table: str) -> Collection:
        return self._collections[table]

    def __iter__(self) -> Iterator[tuple[str, Collection]]:
        return iter(self._collections.items())

    def transaction(self) -> Self:
        """All changes are made in one of these, one at a time. It gives the changes made inside it, as they are made;
        if an error leaves it, none was made.

        The world is its own context: each call of the API has one, and an object or a generator for each takes longer.
        """
        return self

    def __enter__(self) -> list[Change]:
        self._changes, self._last_ids = [], {}
        return self._changes

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: object) -> None:
        if kind is not None:
            self._undo()
        elif self._changes:
            self.version = next(_versions)

    def next_id(self, table: str) -> int:
        """The id that the next record of this collection gets."""
        return self.sequences.get(table, 0) + 1

    def insert(self, table: str, record: Record) -> Record:
        """Adds a record, its `id` and other members filled in. `Duplicate` if it shares unique values."""
        last = self.sequences.get(table, 0)
        collection = self._collections[table]
        record = {**collection.blank, "id": last + 1, **record}
        collection.put(record)
        self._note(Change(table, record["id"], None, record))
        self._last_ids.setdefault(table, last)
        self.sequences[table] = max(last, record["id"])
        return record

    def update(self, table: str, id: int, **members: Any) -> Record:
        """Puts a record with other `members` into the place of an existing one."""
        before = self._collections[table].get(id)
        assert before is not None
        after = {**before, **members}
        self._put(table, before, after)
        return after

    def delete(self, table: str, id: int) -> None:
        """Deletes a record, and does to those that refer to it what their relation says."""
        for referrer, relation in self._referrers.get(table, ()):
            self._release(referrer, relation, id)
        collection = self._collections[table]
        before = collection.get(id)
        if before is not None:  # else a chain of relations has come round to it
            collection.remove(id)
            self._note(Change(table, id, before, None))

    def _release(self, table: str, relation: Relation, id: int) -> None:
        if relation.is_list:
            for record in list(self._collections[table]):
                if id in (ids := read_member(record, relation.member)):
                    self._put(table, record, with_member(record, relation.member, [i for i in ids if i != id]))
            return
        for record in reversed(self._collections[table].select({relation.member: id})):
            if relation.on_delete == "cascade":
                self.delete(table, record["id"])
            else:
                self._put(table, record, {**record, relation.member: None})

    def _put(self, table: str, before: Record, after: Record) -> None:
        self._collections[table].put(after)
        self._note(Change(table, after["id"], before, after))

    def _note(self, change: Change) -> None:
        self._changes.append(change)
        self.memo.clear()

    def _undo(self) -> None:
        for change in reversed(self._changes):
            self._undo_one(change)
        self.memo.clear()
        self.sequences.update(self._last_ids)

    def _undo_one(self, change: Change) -> None:
        collection = self._collections[change.table]
        if change.after is not None:
            collection.remove(change.id)
        if change.before is not None:
            collection.put(change.before)


def _referrers(tables: tuple[Table, ...]) -> dict[str, list[tuple[str, Relation]]]:
    """By collection: who refers to it, and how."""
    found: dict[str, list[tuple[str, Relation]]] = {}
    for table in tables:
        for relation in table.relations:
            found.setdefault(relation.target, []).append((table.name, relation))
    return found
