"""A world: all collections of one sandbox. It changes in transactions only and has no dangling references."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import count
from typing import Any, NamedTuple, Self

from mockserver.state.collection import Collection
from mockserver.state.table import Record, Relation, Table, read_member, with_member

_versions = count(1)


class Change(NamedTuple):
    """One record before and after: None before for a new one, None after for a deleted one."""

    table: str
    id: int
    before: Record | None
    after: Record | None


class World:
    """Collections by name. `sequences` holds the last id of each; ids are never reused.

    `version` changes with each transaction that changes a record, and is unique among all worlds.
    """

    def __init__(self, tables: Iterable[Table]) -> None:
        tables = tuple(tables)
        self._collections = {table.name: Collection(table) for table in tables}
        self._referrers = _referrers(tables)
        self._changes: list[Change] = []
        self._last_ids: dict[str, int] = {}  # before the present transaction, of the collections that it extended
        self.sequences: dict[str, int] = {}
        self.version = next(_versions)

    def fork(self) -> World:
        """Returns an independent copy; both share each collection until one of them changes it."""
        twin = World(())
        twin._collections = {name: collection.fork() for name, collection in self._collections.items()}
        twin._referrers, twin.sequences = self._referrers, self.sequences.copy()
        return twin

    def is_like(self, other: World) -> bool:
        """Returns whether both have the same records."""
        return all(collection.is_like(other[name]) for name, collection in self)

    def __getitem__(self, table: str) -> Collection:
        return self._collections[table]

    def __iter__(self) -> Iterator[tuple[str, Collection]]:
        return iter(self._collections.items())

    def replay(self, records: Iterable[tuple[str, int, Record | None]], sequences: Mapping[str, int]) -> None:
        """Takes over changes that were made elsewhere: records, None for deleted ones, and last ids."""
        records = list(records)
        for table, id, _ in records:  # all old records first: a new one may have a unique value of another
            if self[table].get(id) is not None:
                self[table].remove(id)
        for table, _, record in records:
            if record is not None:
                self[table].put(record)
        self.sequences.update(sequences)
        self.version = next(_versions)

    def transaction(self) -> Self:
        """Opens a transaction, one at a time; returns the list of its changes. An error undoes all of them."""
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
        """Returns the id that the next record of this collection gets."""
        return self.sequences.get(table, 0) + 1

    def insert(self, table: str, record: Record) -> Record:
        """Adds a record, completed with an `id` and defaults. `Duplicate` if it shares unique values."""
        last = self.sequences.get(table, 0)
        collection = self._collections[table]
        record = {**collection.blank, "id": last + 1, **record}
        collection.put(record)
        self._changes.append(Change(table, record["id"], None, record))
        self._last_ids.setdefault(table, last)
        self.sequences[table] = max(last, record["id"])
        return record

    def update(self, table: str, id: int, **members: Any) -> Record:
        """Replaces a record by one with other `members`."""
        before = self._collections[table].get(id)
        assert before is not None
        after = {**before, **members}
        self._put(table, before, after)
        return after

    def delete(self, table: str, id: int) -> None:
        """Deletes a record; records that refer to it are deleted or changed as their relation says."""
        for referrer, relation in self._referrers.get(table, ()):
            self._release(referrer, relation, id)
        collection = self._collections[table]
        before = collection.get(id)
        if before is not None:  # None if a cycle of relations has deleted it already
            collection.remove(id)
            self._changes.append(Change(table, id, before, None))

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
        self._changes.append(Change(table, after["id"], before, after))

    def _undo(self) -> None:
        for change in reversed(self._changes):
            self._undo_one(change)
        self.sequences.update(self._last_ids)

    def _undo_one(self, change: Change) -> None:
        collection = self._collections[change.table]
        if change.after is not None:
            collection.remove(change.id)
        if change.before is not None:
            collection.put(change.before)


def _referrers(tables: tuple[Table, ...]) -> dict[str, list[tuple[str, Relation]]]:
    """Returns, by collection, the collections that refer to it and the relation."""
    found: dict[str, list[tuple[str, Relation]]] = {}
    for table in tables:
        for relation in table.relations:
            found.setdefault(relation.target, []).append((table.name, relation))
    return found
