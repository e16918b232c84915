"""Calls, and what can be asked of lists and counts: sorting, searching, filters, pages."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.traffic.reference import rules
from tests.traffic.reference.records import Json, Workspace, World
from tests.traffic.reference.rules import Refused, Rules, accept_query
from tests.traffic.reference.views import View

Row = TypeVar("Row")


@dataclass(frozen=True)
class Call:
    """An authorized request; `keys` are the path keys in their order. Calls beyond workspaces have none."""

    world: World
    within: Workspace | None
    keys: tuple[str, ...]
    query: dict[str, str]
    sent: Any
    api_key: str = ""

    @property
    def workspace(self) -> Workspace:
        assert self.within is not None
        return self.within

    @property
    def view(self) -> View:
        return View(self.world, self.workspace)

    def table(self, name: str) -> dict[int, Json]:
        return self.workspace.tables[name]

    def type_row(self) -> Json:
        """The type that the path names first."""
        return found(next(iter(self.workspace.rows("types", slug=self.keys[0])), None))

    def row(self, table: str, key: int = 0) -> Json:
        """The row that a path key names by its id."""
        return found(self.table(table).get(self.id(key)))

    def id(self, key: int) -> int:
        if problem := rules.ID_TEXT(self.keys[key]):
            raise Refused(400, f"Invalid path: the id {problem}")
        return int(self.keys[key])

    def add(self, table: str, row: Json) -> Json:
        return self.view.of(table, self.world.add(self.workspace, table, row))


def found(row: Row | None) -> Row:
    if row is None:
        raise Refused(404, "Not Found")
    return row


ENUM, WHOLE, TEXT = rules.one_of, rules.ID_TEXT, rules.text()
TIMES = ("created_at", "updated_at")


@dataclass(frozen=True)
class Listing:
    """What can be asked of a list: sorting, searching and filters. An open one takes any name."""

    table: str
    sorts: tuple[str, ...]
    filters: Rules
    texts: tuple[str, ...] = ()
    order: str = "id:ASC"
    is_open: bool = False


LISTINGS = {
    listing.table: listing
    for listing in (
        Listing(
            "types",
            ("id", "name", "slug", "status", *TIMES),
            {"name": TEXT, "slug": TEXT, "status": rules.STATUS},
            ("name", "slug", "description"),
        ),
        Listing(
            "fields",
            ("id", "position", "name", "slug", "type", *TIMES),
            {"type": rules.FIELD_TYPE, "required": rules.FLAG_TEXT, "active": rules.FLAG_TEXT},
            ("name", "slug"),
            "position:ASC,id:ASC",
        ),
        Listing(
            "items",
            (),
            {"status": rules.STATUS, "reference": TEXT, "form": WHOLE, "stage": WHOLE},
            ("reference", "data"),
            is_open=True,
        ),
        Listing(
            "tasks",
            ("id", "name", "status", "action", *TIMES),
            {"item_type": TEXT, "flow": WHOLE, "stage": WHOLE, "status": rules.STATUS, "action": rules.TASK_ACTION},
            ("name", "description"),
        ),
        Listing(
            "stages",
            ("id", "name", "status", *TIMES),
            {"item_type": TEXT, "flow": WHOLE, "status": TEXT, "is_start": rules.FLAG_TEXT},
            ("name",),
        ),
        Listing(
            "flows",
            ("id", "name", "status", "start_type", *TIMES),
            {"item_type": TEXT, "status": TEXT, "start_type": ENUM("always", "conditional", "manual")},
            ("name",),
        ),
        Listing(
            "forms",
            ("id", "name", "slug", "status", *TIMES),
            {"item_type": TEXT, "status": rules.STATUS, "is_create": rules.FLAG_TEXT},
            ("name", "slug", "description"),
        ),
        Listing(
            "members",
            ("id", "type", "status", "role", *TIMES),
            {
                "type": ENUM("owner", *rules.MEMBER_TYPES),
                "status": ENUM("active", "inactive", "blocked"),
                "role": WHOLE,
                "email": TEXT,
            },
            ("email", "names"),
        ),
        Listing("roles", ("id", "name", *TIMES), {"name": TEXT}, ("name", "description")),
        Listing(
            "permissions",
            ("id", "area", "action", *TIMES),
            {"area": rules.AREA, "action": rules.ACTION, "item_type": TEXT},
        ),
        Listing("mgroups", ("id", "name", *TIMES), {"name": TEXT}, ("name",)),
        Listing(
            "quick_tasks",
            ("id", "title", "status", "priority", "points", "due_date", *TIMES),
            {
                "status": ENUM("pending", "in_progress", "completed", "canceled"),
                "priority": ENUM("low", "medium", "high"),
                "kind": ENUM("manual", "approval", "form"),
                "approval": ENUM("approved", "rejected"),
                "assigned_to": WHOLE,
                "item": WHOLE,
            },
            ("title", "description"),
        ),
        Listing(
            "integrations", ("id", "integration", "status", *TIMES), {"integration": WHOLE, "status": rules.STATUS}
        ),
        Listing(
            "schedule_tasks",
            ("id", "status", "due_date", *TIMES),
            {
                "status": ENUM("pending", "completed", "canceled"),
                "item_type": TEXT,
                "task": WHOLE,
                "stage": WHOLE,
                "flow": WHOLE,
                "item": WHOLE,
            },
            ("name",),
        ),
        Listing(
            "workspaces", ("id", "name", "slug", *TIMES), {"name": TEXT, "slug": TEXT}, ("name", "slug", "description")
        ),
        Listing(
            "log",
            ("id", "created_at", "method", "path", "status_code", "duration_ms", "workspace", "api_key"),
            {
                "method": ENUM("GET", "POST", "PUT", "DELETE"),
                "status_code": rules.whole_text(100, 599),
                "workspace": TEXT,
                "api_key": TEXT,
            },
            ("path",),
            "created_at:DESC",
        ),
    )
}


def check_query(call: Call, listing: Listing, *, paged: bool) -> None:
    known = dict(listing.filters)
    if listing.texts:
        known["_q"] = TEXT
    if paged:
        known |= rules.PAGING | {"_sort": rules.sorting(listing.sorts)}
    accept_query(call.query, known, is_open=listing.is_open)


def select(call: Call, listing: Listing, rows: Iterable[Json], fields: Iterable[str] = ()) -> list[Json]:
    """The rows that search and filters leave. `fields` are slugs of item values, which filter too."""

    def fits(row: Json) -> bool:
        if call.query.get("_q", "").casefold() not in _searched(call, row, listing.texts):
            return False
        named = ((name, _value(call, row, name)) for name in listing.filters if name in call.query)
        values = ((name, row["data"].get(name)) for name in fields if name in call.query)
        return all(_equals(value, call.query[name]) for name, value in (*named, *values))

    return [row for row in rows if fits(row)]


def page(call: Call, listing: Listing, rows: list[Json]) -> list[Json]:
    """One page in the order asked for; null comes first."""
    for part in reversed(call.query.get("_sort", listing.order).split(",")):
        name, _, direction = part.partition(":")
        rows = sorted(
            rows, key=lambda row: _rank(row.get(name, row.get("data", {}).get(name))), reverse=direction == "DESC"
        )
    start = int(call.query.get("_start", 0))
    return rows[start : start + int(call.query.get("_limit", 100))]


def list_rows(table: str, call: Call, **equal: Any) -> list[Json]:
    listing = LISTINGS[table]
    check_query(call, listing, paged=True)
    return [
        call.view.of(table, row)
        for row in page(call, listing, select(call, listing, call.workspace.rows(table, **equal)))
    ]


def count_rows(table: str, call: Call) -> int:
    check_query(call, LISTINGS[table], paged=False)
    return len(select(call, LISTINGS[table], call.workspace.rows(table)))


def get_row(table: str, call: Call) -> Json:
    return call.view.of(table, call.row(table))


def _searched(call: Call, row: Json, names: Iterable[str]) -> str:
    return "\n".join(_searchable(_value(call, row, name)) for name in names).casefold()


def _value(call: Call, row: Json, name: str) -> Any:
    """A member of a row; e-mail address and names of a member stand in its account."""
    if name in row:
        return row[name]
    account = call.world.users[row["user"]]
    return account["email"] if name == "email" else " ".join(account["meta"].values())


def _searchable(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict) else "" if value is None else str(value)


def _equals(value: Any, text: str) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value is not None and text == (str(value).lower() if isinstance(value, bool) else str(value))
    try:
        return value == float(text)
    except ValueError:
        return False


def _rank(value: Any) -> tuple[Any, ...]:
    if value is None or isinstance(value, dict | list):
        return (0,)
    return (1, value, "") if isinstance(value, int | float) else (2, 0, str(value))
