"""Walk through JSON answers along their schemas: which objects show records of Enspace, and of which collection."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import read_operations
from mockserver.fixture_files.observed_records import TABLE_OF_SCHEMA
from mockserver.judging.call_matcher import CallMatcher
from mockserver.judging.schema_views import SchemaView
from mockserver.state.table import Record

# Takes a collection, a view and what it may borrow; returns what the views inside of it may borrow.
See: TypeAlias = Callable[[str, Record, Record], Record]


class ViewWalk:
    """The schemas of one contract. Views are kept, since each collects its members once."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._views: dict[Pointer, SchemaView] = {}

    def view(self, place: Pointer) -> SchemaView:
        """Returns the schema at a place."""
        if place not in self._views:
            self._views[place] = SchemaView(self._document, place)
        return self._views[place]

    def table_of(self, view: SchemaView | None) -> str:
        """Returns the collection whose records a schema shows; empty if it shows none."""
        for part in view.parts if view else ():
            if part[:-1] == ("components", "schemas") and (table := TABLE_OF_SCHEMA.get(str(part[-1]))):
                return table
        return ""

    def member(self, view: SchemaView | None, name: str) -> SchemaView | None:
        """Returns the schema of a member; None if it is not declared."""
        found = view.members.get(name) if view else None
        return self.view(found.written) if found else None

    def items(self, view: SchemaView | None) -> SchemaView | None:
        """Returns the schema of the items of a list."""
        return self.view(view.items.written) if view and view.items else None

    def collections(self, matcher: CallMatcher) -> dict[str, str]:
        """Returns the collections of records by the paths of their lists."""
        found = {}
        for operation in read_operations(self._document):
            place = matcher.body_place(operation, 200)
            items = self.items(self.view(place)) if place and operation.method == "GET" else None
            if items and (table := self.table_of(items)):
                found[operation.path] = table
        return found

    def walk(self, value: Any, view: SchemaView | None, around: Record, see: See) -> None:
        """Calls `see` for each view in a value, outer ones first."""
        if isinstance(value, list):
            for one in value:
                self.walk(one, self.items(view), around, see)
        elif isinstance(value, dict):
            if table := self.table_of(view):
                around = see(table, value, around)
            for name, inner in value.items():
                if isinstance(inner, dict | list):
                    self.walk(inner, self.member(view, name), around, see)
