"""How a collection is described: its relations, what is unique in it, and what its lists filter and sort by."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

Record: TypeAlias = dict[str, Any]
Members: TypeAlias = tuple[str, ...]

OnDelete: TypeAlias = Literal["cascade", "clear", "take out", "never"]


@dataclass(frozen=True)
class Relation:
    """A member that holds the id of a record of another collection.

    `member` may lead inside an object: `assignees.users`. What happens when that record is deleted: `cascade` deletes
    this one too, `clear` sets the member to null, `take out` removes the id from the list that the member is, and
    `never` says that the other one stays for good.
    """

    member: str
    target: str
    on_delete: OnDelete

    @property
    def is_list(self) -> bool:
        return self.on_delete == "take out"


@dataclass(frozen=True)
class Table:
    """One collection. Lists of it are always bound to one value of `scope`, except for those without any.

    `needed` members are given for each new record, `defaults` are what the others hold otherwise. `unique` are
    combinations that no two records share; the first of them is how fixtures name a record. `filters` and `sorts` have
    indexes within the scope, so that the cost of a list by one of each follows its page and not the collection.
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
        """The combinations of members by whose values records are found: all, by scope, by filter, by relation."""
        scope = (self.scope,) if self.scope else ()
        by_filter = [(*scope, member) for member in self.filters]
        by_relation = [(relation.member,) for relation in self.relations if relation.on_delete in ("cascade", "clear")]
        return tuple(dict.fromkeys([(), scope, *by_filter, *by_relation]))


def read_member(record: Record, path: str) -> Any:
    """The value at `user` or `assignees.users`; None if it is not there."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name)
    return value


def with_member(record: Record, path: str, value: Any) -> Record:
    """A copy of the record in which the member at `path` has another value."""
    name, _, rest = path.partition(".")
    return {**record, name: with_member(record[name], rest, value) if rest else value}
