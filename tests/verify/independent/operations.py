"""The seventeen operations of the second target: values in, values out, no socket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from tests.verify.independent import rules
from tests.verify.independent.records import Records, Workspace, touch
from tests.verify.independent.rules import Refused

Json = dict[str, Any]
Found = TypeVar("Found")


def there(found: Found | None) -> Found:
    """Returns a record; raises a 404 for None."""
    if found is None:
        raise Refused(404, "Not Found")
    return found


@dataclass(frozen=True)
class Call:
    """An authorized request. `keys` are the path keys in their order."""

    records: Records
    workspace: Workspace
    keys: tuple[str, ...]
    query: dict[str, str]
    sent: Any

    def fields(self) -> dict[int, Json]:
        """The fields of the type that the path names."""
        return there(self.workspace.fields.get(self.keys[0]))

    def done(self, what: str) -> Json:
        return {"data": True, "message": f"{what} successfully"}


# -------- Types ---------------------------------------------------------------------


def list_types(call: Call) -> list[Json]:
    return _page(_types_of(call, rules.PAGING), call.query, "id:ASC")


def count_types(call: Call) -> int:
    return len(_types_of(call))


def _types_of(call: Call, more: dict[str, rules.Rule] | None = None) -> list[Json]:
    query = rules.accept_query(call.query, rules.TYPE_FILTERS | rules.SEARCH | (more or {}))
    return _matching(call.workspace.types.values(), query, rules.TYPE_FILTERS, ("name", "slug", "description"))


def create_type(call: Call) -> Json:
    body = rules.accept(call.sent, rules.TYPE, ("name",))
    slug = body.get("slug") or _slug_of(body["name"], call.workspace.types)
    if slug == "count" or slug in call.workspace.types:
        raise Refused(400, "Validation failed: slug", {"slug": "must be unique"})
    empty: Json = {"description": None, "icon": None, "color": None, "settings": {}, "status": "active"}
    made = call.records.stamped({"name": body["name"], "slug": slug} | empty | body | {"slug": slug})
    call.workspace.types[slug], call.workspace.fields[slug] = made, {}
    return made


def get_type(call: Call) -> Json:
    found = there(call.workspace.types.get(call.keys[0]))
    return found | {"fields": sorted(call.fields().values(), key=lambda row: (row["position"], row["id"]))}


def update_type(call: Call) -> Json:
    found, body = there(call.workspace.types.get(call.keys[0])), rules.accept(call.sent, rules.TYPE)
    if body.get("slug", found["slug"]) != found["slug"]:
        raise Refused(400, "Validation failed: slug", {"slug": "cannot be changed"})
    return _changed(found, body)


def delete_type(call: Call) -> Json:
    there(call.workspace.types.pop(call.keys[0], None))
    del call.workspace.fields[call.keys[0]]
    return call.done("Type deleted")


# -------- Fields --------------------------------------------------------------------


def list_fields(call: Call) -> list[Json]:
    query = rules.accept_query(call.query, rules.FIELD_FILTERS | rules.SEARCH | rules.PAGING)
    found = _matching(call.fields().values(), query, rules.FIELD_FILTERS, ("name", "slug"))
    return _page(found, query, "position:ASC,id:ASC")


def create_field(call: Call) -> Json:
    fields, body = call.fields(), rules.accept(call.sent, rules.FIELD, ("name", "slug", "type"))
    _check_field(fields, body)
    switches: Json = {"required": False, "active": True, "defaultValue": None, "config": {}}
    place = _position(body, max((row["position"] for row in fields.values()), default=-1) + 1)
    named = {name: body[name] for name in ("name", "slug", "type")}
    made = call.records.stamped(
        named | {name: body.get(name, value) for name, value in switches.items()} | _options(body) | place
    )
    made["native"] = False
    fields[made["id"]] = made
    return made


def get_field(call: Call) -> Json:
    return there(call.fields().get(_id(call.keys[1])))


def update_field(call: Call) -> Json:
    fields = call.fields()
    found, body = there(fields.get(_id(call.keys[1]))), rules.accept(call.sent, rules.FIELD)
    if found["native"] and {"slug", "type"} & body.keys():
        raise Refused(400, "Validation failed: native", {"slug": "of a native field cannot be changed"})
    _check_field({id: row for id, row in fields.items() if row is not found}, found | body)
    changes = {name: body[name] for name in body.keys() - {"options", "position", "order", "slug"}}
    options = _options(body) if {"options", "config"} & body.keys() else {}
    # A `config` without choices leaves those that the field has.
    if "options" not in body and options.get("options") is None:
        options = {}
    return _changed(found, changes | options | _position(body, found["position"]))


def delete_field(call: Call) -> Json:
    found = get_field(call)
    if found["native"]:
        raise Refused(400, "A native field cannot be deleted", {"native": "must be false"})
    del call.fields()[found["id"]]
    return call.done("Field deleted")


def _check_field(others: dict[int, Json], field: Json) -> None:
    if field["slug"] in {row["slug"] for row in others.values()}:
        raise Refused(400, "Validation failed: slug", {"slug": "must be unique"})
    if field["type"] == "select" and not ((field.get("options") or {}).get("choices") or _options(field)["options"]):
        raise Refused(400, "Validation failed: options", {"options": "choices are needed by a select"})


def _options(body: Json) -> Json:
    """The choices of a field: those of `options` win over those of `config`."""
    if "options" in body:
        return {"options": body["options"]}
    listed = body.get("config", {}).get("choices")
    return {"options": {"choices": listed} if listed and rules.choices({"choices": listed}) else None}


def _position(body: Json, otherwise: int) -> Json:
    position = int(next((body[name] for name in ("position", "order") if name in body), otherwise))
    return {"position": position, "order": position}


# -------- Members -------------------------------------------------------------------


def list_members(call: Call) -> list[Json]:
    return _page(_members_of(call, rules.PAGING), call.query, "id:ASC")


def count_members(call: Call) -> int:
    return len(_members_of(call))


def _members_of(call: Call, more: dict[str, rules.Rule] | None = None) -> list[Json]:
    query = rules.accept_query(call.query, rules.MEMBER_FILTERS | rules.SEARCH | (more or {}))
    return _matching(call.workspace.members.values(), query, rules.MEMBER_FILTERS, ("email",))


def create_member(call: Call) -> Json:
    body = rules.accept(call.sent, rules.NEW_MEMBER, ("email", "type"))
    if body["email"] in {member["email"] for member in call.workspace.members.values()}:
        raise Refused(400, "Validation failed: email", {"email": "is a member already"})
    _check_member(body | {"mgroups": body.get("mgroups", [])}, body["type"])
    names = {"fname": body.get("fname", ""), "lname": body.get("lname", "")}
    account = call.records.stamped({"email": body["email"], "meta": names})
    del account["updated_at"]
    member = {"user": account, "email": body["email"], "type": body["type"], "role": None, "status": "active"}
    made = call.records.stamped(member)
    call.workspace.members[made["id"]] = made
    return made


def get_member(call: Call) -> Json:
    return there(call.workspace.members.get(_id(call.keys[0])))


def update_member(call: Call) -> Json:
    found, body = get_member(call), rules.accept(call.sent, rules.MEMBER)
    if found["type"] == "owner" and {"type", "status"} & body.keys():
        raise Refused(403, "The owner cannot be changed")
    _check_member(body, str(body.get("type", found["type"])))
    return _changed(found, {name: body[name] for name in body if name != "v1_compatibility"})


def remove_member(call: Call) -> Json:
    found = get_member(call)
    if found["type"] == "owner":
        raise Refused(403, "The owner cannot be removed")
    del call.workspace.members[found["id"]]
    return call.done("Member removed")


def _check_member(body: Json, kind: str) -> None:
    """There are no roles and no groups here, so none can be named."""
    bad = {name: "does not exist" for name in ("role", "mgroups") if body.get(name)}
    if body.get("v1_compatibility") and kind in ("owner", "viewer"):
        bad["v1_compatibility"] = "is for full and standard members"
    if bad:
        raise Refused(400, f"Validation failed: {', '.join(bad)}", bad)


# -------- What all have in common ---------------------------------------------------


def _id(key: str) -> int:
    if not rules.WHOLE.fullmatch(key) or int(key) < 1:
        raise Refused(400, "Invalid path: a key has to be a whole number from 1 on")
    return int(key)


def _changed(record: Json, changes: Json) -> Json:
    record |= changes
    touch(record)
    return record


def _slug_of(name: str, taken: dict[str, Json]) -> str:
    slug = "-".join(re.findall(r"[a-z0-9]+", name.lower()))[:50].strip("-") or "type"
    number = next(number for number in range(1, 10_000) if f"{slug}-{number}" not in taken)
    return f"{slug}-{number}" if slug in taken or slug == "count" else slug


def _matching(
    rows: Iterable[Json], query: dict[str, str], filters: dict[str, rules.Rule], texts: tuple[str, ...]
) -> list[Json]:
    def is_meant(row: Json) -> bool:
        values = (row[name] or "" for name in texts)
        named = row.get("user", {}).get("meta", {}).values()
        is_found = query.get("_q", "").casefold() in "\n".join([*values, *named]).casefold()
        return is_found and all(_as_text(row[name]) == query[name] for name in filters if name in query)

    return [row for row in rows if is_meant(row)]


def _as_text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _page(rows: list[Json], query: dict[str, str], order: str) -> list[Json]:
    """Sorted by every member that the records have; null comes first."""
    for part in reversed(query.get("_sort", order).split(",")):
        name, _, direction = part.partition(":")
        if all(isinstance(row.get(name), str | int | None) and name in row for row in rows):
            rows = sorted(rows, key=lambda row: _rank(row[name]), reverse=direction == "DESC")
    start = int(query.get("_start", 0))
    return rows[start : start + int(query.get("_limit", 100))]


def _rank(value: Any) -> tuple[int, Any]:
    return (0, 0) if value is None else (1, value)


Operation = Callable[[Call], Any]

OPERATIONS: dict[str, dict[str, Operation]] = {
    r"/ws/types": {"GET": list_types, "POST": create_type},
    r"/ws/types/count": {"GET": count_types},
    r"/ws/types/([^/]+)": {"GET": get_type, "PUT": update_type, "DELETE": delete_type},
    r"/ws/types/([^/]+)/fields": {"GET": list_fields, "POST": create_field},
    r"/ws/types/([^/]+)/fields/([^/]+)": {"GET": get_field, "PUT": update_field, "DELETE": delete_field},
    r"/ws/members": {"GET": list_members, "POST": create_member},
    r"/ws/members/count": {"GET": count_members},
    r"/ws/members/([^/]+)": {"GET": get_member, "PUT": update_member, "DELETE": remove_member},
}
