"""Description of a collection: relations, unique members, and the members that lists filter and sort by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Record: TypeAlias = dict[str, Any]
Members: TypeAlias = tuple[str, ...]

OnDelete: TypeAlias = Literal["cascade", "clear", "take out", "never"]


@dataclass(frozen=True)
class Relation:
    """A member that holds the id of a record of another collection; it may be nested: `assignees.users`.

    When that record is deleted, `cascade` deletes this one too, `clear` sets the member to null, `take out` removes the
    id from the member's list. `never`: that record cannot be deleted.
    """

    member: str
    target: str
    on_delete: OnDelete

    @property
    def is_list(self) -> bool:
        return self.on_delete == "take out"


@dataclass(frozen=True)
class Table:
    """One collection. Its lists show the records with one value of the member `scope`, if it has one.

    `needed` members are given for each new record, `defaults` are the values of the others. `unique` are combinations
    that no two records share; fixtures name a record by the first of them. `filters` and `sorts` are indexed within the
    scope, so that the cost of a list depends on its page, not on the collection.
    """

    name: str
    scope: str | None = None
    needed: Members = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    relations: tuple[Relation, ...] = ()
    unique: tuple[Members, ...] = ()
    filters: Members = ()
    sorts: Members = ()

    @property
    def indexes(self) -> tuple[Members, ...]:
        """The combinations of members that are indexed: none, the scope, each filter, each relation."""
        scope = (self.scope,) if self.scope else ()
        by_filter = [(*scope, member) for member in self.filters]
        by_relation = [(relation.member,) for relation in self.relations if relation.on_delete in ("cascade", "clear")]
        return tuple(dict.fromkeys([(), scope, *by_filter, *by_relation]))


def read_member(record: Record, path: str) -> Any:
    """Returns the value at `user` or `assignees.users`, None if there is none."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name)
    return value


def with_member(record: Record, path: str, value: Any) -> Record:
    """Returns a copy of the record with another value at `path`."""
    name, _, rest = path.partition(".")
    return {**record, name: with_member(record[name], rest, value) if rest else value}
