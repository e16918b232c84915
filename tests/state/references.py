"""Reference checker for a dump of `GET /_mock/state`.

The relations come from the API reference of Enspace and not from the product, so that the two can disagree.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

State = dict[str, list[dict[str, Any]]]
Records = dict[str, dict[int, dict[str, Any]]]

_IN_WORKSPACE = {"workspace": "workspaces"}
_IN_TYPE = {**_IN_WORKSPACE, "item_type": "types"}
_IN_STAGE = {**_IN_TYPE, "flow": "flows", "stage": "stages", "user": "users"}
# By collection: members that hold an id.
ONE = {
    "users": {},
    "workspaces": {},
    "api_keys": {"user": "users"},
    "sessions": {"user": "users"},
    "roles": _IN_WORKSPACE,
    "members": {**_IN_WORKSPACE, "user": "users", "role": "roles"},
    "mgroups": _IN_WORKSPACE,
    "types": _IN_WORKSPACE,
    "fields": _IN_TYPE,
    "forms": {**_IN_TYPE, "user": "users"},
    "permissions": {**_IN_TYPE, "role": "roles", "form": "forms", "field": "fields"},
    "flows": {**_IN_TYPE, "user": "users"},
    "stages": {**_IN_TYPE, "flow": "flows", "user": "users"},
    "tasks": _IN_STAGE,
    "items": {**_IN_TYPE, "form": "forms", "stage": "stages", "user": "users"},
    "schedule_tasks": {**_IN_STAGE, "task": "tasks", "item": "items"},
    "quick_tasks": {**_IN_WORKSPACE, "assigned_to": "users", "item": "items", "user": "users"},
    "integrations": _IN_WORKSPACE,
}
# By collection: members that may be null.
NULLABLE = {
    "members": {"role"},
    "permissions": {"item_type", "form", "field"},
    "items": {"form", "stage"},
    "quick_tasks": {"assigned_to", "item"},
}
# By collection: lists of ids.
MANY = {
    "mgroups": {"users": "users"},
    "tasks": {f"assignees.{name}": name for name in ("users", "roles", "mgroups")},
    "quick_tasks": {f"limit_access.{name}": name for name in ("users", "roles", "mgroups")},
}
# Members that a record shares with the records it names, if both have them. A permission may name a form of any type.
SHARED = ("workspace", "item_type", "flow")


def dangling(state: State) -> list[str]:
    """Lists the broken references and violated rules of a dump, one line each."""
    records = {name: {row["id"]: row for row in rows} for name, rows in state.items()}
    twice = [f"{name}: an id is repeated" for name, rows in state.items() if len(records[name]) < len(rows)]
    unknown = [f"{name}: an unknown collection" for name in state.keys() ^ ONE.keys()]
    found = (_of_record(records, name, row) for name, rows in state.items() for row in rows)
    return [*twice, *unknown, *(line for lines in found for line in lines), *_of_whole(records)]


def _of_record(records: Records, name: str, row: dict[str, Any]) -> Iterator[str]:
    here = f"{name} {row['id']}"
    for member, target in ONE[name].items():
        if row[member] is not None:
            yield from _led_astray(records, name, row, member, target, row[member])
        elif member not in NULLABLE.get(name, ()):
            yield f"{here}: {member} is null"
    for path, target in MANY.get(name, {}).items():
        outer, _, inner = path.partition(".")
        ids = row[outer][inner] if inner else row[outer]
        if len(set(ids)) < len(ids):
            yield f"{here}: {path} names one twice"
        for id in ids:
            yield from _led_astray(records, name, row, path, target, id)
    if name in _FURTHER:
        yield from (f"{here}: {line}" for line in _FURTHER[name](records, row))


def _led_astray(records: Records, name: str, row: dict[str, Any], member: str, target: str, id: int) -> Iterator[str]:
    other = records[target].get(id)
    if other is None:
        yield f"{name} {row['id']}: {member} names {target} {id}, which there is not"
        return
    for shared in SHARED:
        differs = row.get(shared) is not None and shared in other and other[shared] != row[shared]
        if differs and not (name == "permissions" and shared == "item_type"):
            yield f"{name} {row['id']}: {member} names {target} {id} of another {shared}"


def _group(records: Records, row: dict[str, Any]) -> Iterator[str]:
    members = {link["user"] for link in records["members"].values() if link["workspace"] == row["workspace"]}
    yield from (f"user {user} is no member of the workspace" for user in row["users"] if user not in members)


def _form(records: Records, row: dict[str, Any]) -> Iterator[str]:
    fields = {field["id"] for field in _fields(records, row)}
    yield from (f"no field {line['field']}" for line in row["fields"] if line["field"] not in fields)


def _item(records: Records, row: dict[str, Any]) -> Iterator[str]:
    yield from (f"no field {slug}" for slug in row["data"].keys() - {field["slug"] for field in _fields(records, row)})


def _task(records: Records, row: dict[str, Any]) -> Iterator[str]:
    slugs = {field["slug"] for field in _fields(records, row)}
    yield from (f"no field {one['field']}" for one in row["conditions"] if one["field"] not in slugs)
    for trigger in (row["success_trigger"], row["error_trigger"]):
        stage = trigger.get("stage") if trigger else None
        if stage is not None and records["stages"].get(stage, {}).get("flow") != row["flow"]:
            yield f"no stage {stage} in the flow"
    if row["action"] == "use_integration":
        integration = records["integrations"].get(row["settings"]["integration"], {})
        if integration.get("workspace") != row["workspace"]:
            yield "its integration is not of the workspace"


def _key(records: Records, row: dict[str, Any]) -> Iterator[str]:
    slugs = {workspace["slug"] for workspace in records["workspaces"].values()}
    yield from (f"no workspace {slug}" for slug in row["scope"]["workspaces"] if slug not in slugs)


_FURTHER = {"mgroups": _group, "forms": _form, "items": _item, "tasks": _task, "api_keys": _key}


def _fields(records: Records, row: dict[str, Any]) -> list[dict[str, Any]]:
    return [field for field in records["fields"].values() if field["item_type"] == row["item_type"]]


def _of_whole(records: Records) -> Iterator[str]:
    owners = Counter(link["workspace"] for link in records["members"].values() if link["type"] == "owner")
    starts = Counter(stage["flow"] for stage in records["stages"].values() if stage["is_start"])
    yield from (f"workspace {id}: {owners[id]} owners" for id in records["workspaces"] if owners[id] != 1)
    yield from (f"flow {id}: {starts[id]} start stages" for id in records["flows"] if starts[id] != 1)
    for name, members in _UNIQUE.items():
        taken = Counter(tuple(row[member] for member in members) for row in records[name].values())
        yield from (f"{name}: {values} occurs {often} times" for values, often in taken.items() if often > 1)


_UNIQUE = {
    "users": ("email",),
    "workspaces": ("slug",),
    "roles": ("workspace", "name"),
    "members": ("workspace", "user"),
    "mgroups": ("workspace", "name"),
    "types": ("workspace", "slug"),
    "fields": ("item_type", "slug"),
    "items": ("workspace", "reference"),
    "integrations": ("workspace", "integration"),
    "permissions": ("role", "area", "action", "item_type", "form", "field"),
}
