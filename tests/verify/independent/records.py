"""The records of the second target, 300 of them seeded as those of others, and who may come with which key."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

Json = dict[str, Any]

FULL_KEY = "en.IndependentFullAccess0000000000001"
READ_ONLY_KEY = "en.IndependentReadOnly000000000000002"
EXPIRED_KEY = "en.IndependentExpired0000000000000003"
FOREIGN_KEY = "en.IndependentForeign0000000000000004"

WORKSPACE, FOREIGN_WORKSPACE = "second-abc", "foreign-abc"

TYPES, FIELDS_OF_A_TYPE, MEMBERS = 20, 11, 60
SEEDED = TYPES + TYPES * FIELDS_OF_A_TYPE + MEMBERS  # 300


@dataclass(frozen=True)
class Key:
    workspace: str
    scopes: frozenset[str]
    has_expired: bool = False


KEYS = {
    FULL_KEY: Key(WORKSPACE, frozenset({"read", "write", "delete"})),
    READ_ONLY_KEY: Key(WORKSPACE, frozenset({"read"})),
    EXPIRED_KEY: Key(WORKSPACE, frozenset({"read", "write", "delete"}), has_expired=True),
    FOREIGN_KEY: Key(FOREIGN_WORKSPACE, frozenset({"read", "write", "delete"})),
}


@dataclass
class Workspace:
    """Types by slug, fields by type slug and id, members by id."""

    types: dict[str, Json] = field(default_factory=dict)
    fields: dict[str, dict[int, Json]] = field(default_factory=dict)
    members: dict[int, Json] = field(default_factory=dict)


class Records:
    """All workspaces, and what new records get: an id and the time."""

    def __init__(self) -> None:
        self._ids = count(5001)
        self.workspaces = {WORKSPACE: _seeded(1), FOREIGN_WORKSPACE: _seeded(2001)}

    def stamped(self, record: Json) -> Json:
        """A new record: with its id and two equal times."""
        now = instant(datetime.now(UTC))
        return {"id": next(self._ids), **record, "created_at": now, "updated_at": now}

    def dump(self) -> Json:
        """Everything, as a copy to compare with."""
        rows = [vars(workspace) for workspace in self.workspaces.values()]
        dumped: Json = json.loads(json.dumps(dict(zip(self.workspaces, rows, strict=True))))
        return dumped

    def seeded(self) -> Json:
        """The records of others alone, which a run must not change."""
        left: Json = _only(self.dump(), Records().dump())
        return left


def touch(record: Json) -> None:
    """Moves the time of the last change, by a millisecond at the least."""
    before = datetime.fromisoformat(record["updated_at"])
    record["updated_at"] = instant(max(datetime.now(UTC), before + timedelta(milliseconds=1)))


def instant(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _only(dump: Any, like: Any) -> Any:
    """Returns the records of a dump at the keys of another; None for a missing record."""
    is_record = isinstance(like, dict) and "created_at" in like
    if is_record or not isinstance(like, dict):
        return dump
    return {name: _only(dump[name], like[name]) if name in dump else None for name in like}


def _seeded(first: int) -> Workspace:
    ids, made = count(first), Workspace()
    for number in range(1, TYPES + 1):
        kind = _type(next(ids), number)
        made.types[kind["slug"]] = kind
        made.fields[kind["slug"]] = {}
        for position in range(FIELDS_OF_A_TYPE):
            seeded = _field(next(ids), position)
            made.fields[kind["slug"]][seeded["id"]] = seeded
    for number in range(1, MEMBERS + 1):
        member = _member(next(ids), number)
        made.members[member["id"]] = member
    return made


def _times(number: int) -> Json:
    created = datetime(2025, 1, 1, 8, tzinfo=UTC) + timedelta(days=number % 300, minutes=number)
    return {"created_at": instant(created), "updated_at": instant(created + timedelta(milliseconds=17))}


def _type(id: int, number: int) -> Json:
    status = "inactive" if number % 5 == 0 else "active"
    texts = {"name": f"Registro {number:02}", "slug": f"registro-{number:02}", "description": f"Livro {number % 4}"}
    return {"id": id, **texts, "icon": None, "color": "#1E88E5", "settings": {}, "status": status, **_times(id)}


def _field(id: int, position: int) -> Json:
    kind = ("text", "number", "date", "boolean")[position % 4]
    return {
        "id": id,
        "name": f"Campo {position:02}",
        "slug": f"campo-{position:02}",
        "type": kind,
        "required": position == 0,
        "active": True,
        "defaultValue": None,
        "options": None,
        "config": {},
        "position": position,
        "order": position,
        "native": position == 0,
        **_times(id),
    }


def _member(id: int, number: int) -> Json:
    email, times = f"pessoa.{number:02}@second.example", _times(id)
    names = {"fname": f"Pessoa {number:02}", "lname": "Souza" if number % 2 else "Lima"}
    user = {"id": id + 10_000, "created_at": times["created_at"], "email": email, "meta": names}
    kind = "owner" if number == 1 else ("full", "standard", "viewer")[number % 3]
    return {"id": id, "user": user, "email": email, "type": kind, "role": None, "status": "active", **times}
