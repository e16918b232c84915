"""The operations of the reference server by operationId: a call in, a JSON value out."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from tests.traffic.reference import rules
from tests.traffic.reference.listings import (
    LISTINGS,
    TEXT,
    WHOLE,
    Call,
    check_query,
    count_rows,
    found,
    get_row,
    list_rows,
    page,
    select,
)
from tests.traffic.reference.records import EVERYONE, Json, iso, new_workspace, now, reference
from tests.traffic.reference.rules import Refused, accept, accept_query, invalid, one_of
from tests.traffic.reference.views import View


def done(message: str) -> Json:
    return {"data": True, "message": message}


# -------- Changes -------------------------------------------------------------------


def changed(call: Call, table: str, row: Json, changes: Json) -> Json:
    # At least a millisecond later, so that a change shows.
    later = datetime.fromisoformat(row["updated_at"]) + timedelta(milliseconds=1)
    row |= changes | {"updated_at": iso(max(datetime.now(UTC), later))}
    return call.view.of(table, row)


def remove(call: Call, table: str, row: Json, message: str) -> Json:
    del call.table(table)[row["id"]]
    return done(message)


def is_taken(call: Call, table: str, name: str, value: Any, besides: Json | None = None, **equal: Any) -> bool:
    return any(row[name] == value and row is not besides for row in call.workspace.rows(table, **equal))


def require_unique(call: Call, table: str, name: str, body: Json, besides: Json | None = None, **equal: Any) -> None:
    if name in body and is_taken(call, table, name, body[name], besides, **equal):
        raise invalid({name: "must be unique"})


def require_known(call: Call, name: str, table: str, value: Any) -> None:
    for id in value if isinstance(value, list) else [value]:
        if id is not None and id not in call.table(table):
            raise invalid({name: f"{id} does not exist"})


def require_members(call: Call, name: str, users: Iterable[int | None], **equal: Any) -> None:
    known = {row["user"] for row in call.workspace.rows("members", **equal)}
    if strange := [user for user in users if user is not None and user not in known]:
        raise invalid({name: f"{strange[0]} is no member"})


def slug_of(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return "-".join(re.findall("[a-z0-9]+", plain))[:50].strip("-") or "novo"


def free_slug(name: str, taken: Iterable[str]) -> str:
    slug, used = slug_of(name), {"count", *taken}
    numbered = (f"{slug}-{number}" for number in range(2, 100_000))
    return slug if slug not in used else next(one for one in numbered if one not in used)


# -------- Fields --------------------------------------------------------------------


def list_fields(call: Call) -> list[Json]:
    check_query(call, LISTINGS["fields"], paged=True)
    return list_rows("fields", call, item_type=call.type_row()["slug"])


def create_field(call: Call) -> Json:
    body = accept(call.sent, rules.FIELD, ("name", "slug", "type"))
    slug = call.type_row()["slug"]
    require_unique(call, "fields", "slug", body, item_type=slug)
    last = max((row["position"] for row in call.workspace.rows("fields", item_type=slug)), default=-1)
    options = _options(body)
    _require_choices(body["type"], options)
    switches = {name: body.get(name, value) for name, value in (("required", False), ("active", True))}
    place = body.get("position", body.get("order", last + 1))
    more = {"defaultValue": body.get("defaultValue"), "options": options, "config": body.get("config", {})}
    named = {name: body[name] for name in ("name", "slug", "type")}
    place = {"position": int(place), "order": int(place), "native": False}
    return call.add("fields", {"item_type": slug, **named, **switches, **more, **place})


def get_field(call: Call) -> Json:
    return call.view.of("fields", _field(call))


def _field(call: Call) -> Json:
    slug, row = call.type_row()["slug"], call.row("fields", 1)
    return found(row if row["item_type"] == slug else None)


def update_field(call: Call) -> Json:
    body = accept(call.sent, rules.FIELD)
    row = _field(call)
    if body.pop("slug", row["slug"]) != row["slug"]:
        raise invalid({"slug": "cannot be changed"})
    if "options" in body or "choices" in body.get("config", {}):
        body["options"] = _options(body)
    after = row | body
    _require_choices(after["type"], after["options"])
    place = after["position" if "position" in body else "order"]
    return changed(call, "fields", row, body | {"position": int(place), "order": int(place)})


def delete_field(call: Call) -> Json:
    row = _field(call)
    if row["native"]:
        raise Refused(400, "A native field cannot be deleted")
    for item in call.workspace.rows("items", item_type=row["item_type"]):
        item["data"].pop(row["slug"], None)
    for form in call.workspace.rows("forms", item_type=row["item_type"]):
        form["fields"] = [one for one in form["fields"] if one["field"] != row["id"]]
    return remove(call, "fields", row, "Field deleted successfully")


def _options(body: Json) -> Json | None:
    """The choices of a field: those of `options` win over those of `config`."""
    if "options" in body:
        options: Json = body["options"]
        return options
    choices = body.get("config", {}).get("choices")
    return {"choices": choices} if choices and not rules.listed(TEXT)(choices) else None


def _require_choices(type: str, options: Json | None) -> None:
    if type == "select" and not (options or {}).get("choices"):
        raise invalid({"options": "choices are required for a select"})


# -------- Items ---------------------------------------------------------------------


def list_items(call: Call) -> list[Json]:
    check_query(call, LISTINGS["items"], paged=True)
    return [call.view.of("items", row) for row in page(call, LISTINGS["items"], _items(call))]


def count_items(call: Call) -> int:
    check_query(call, LISTINGS["items"], paged=False)
    return len(_items(call))


def _items(call: Call) -> list[Json]:
    slug = call.type_row()["slug"]
    # A field whose slug is the name of a filter has no filter of its own.
    fields = {row["slug"] for row in call.workspace.rows("fields", item_type=slug)} - LISTINGS["items"].filters.keys()
    return select(call, LISTINGS["items"], call.workspace.rows("items", item_type=slug), fields)


def _item(call: Call) -> Json:
    slug, key = call.type_row()["slug"], call.keys[1]
    return found(next(iter(call.workspace.rows("items", item_type=slug, reference=key)), None))


def get_item(call: Call) -> Json:
    return call.view.of("items", _item(call))


def create_item(call: Call) -> Json:
    body = accept(call.sent, rules.ITEM, ("data",))
    slug = call.type_row()["slug"]
    data = _checked_values(call, slug, body["data"], is_new=True)
    form = body.get("form")
    usable = {row["id"] for row in call.workspace.rows("forms", item_type=slug, is_create=True, status="active")}
    if form is not None and form not in usable:
        raise invalid({"form": "must be an active creation form of the type"})
    flows = call.workspace.rows("flows", item_type=slug, start_type="always", status="active")
    stage = call.workspace.rows("stages", flow=flows[0]["id"], is_start=True)[0] if flows else None
    status, user = body.get("status", "active"), call.world.caller
    key = reference(f"new item {call.world.new_id()}")
    row = {"reference": key, "item_type": slug, "data": data, "form": form, "stage": stage and stage["id"]}
    item = call.world.add(call.workspace, "items", row | {"status": status, "user": user})
    for task in call.workspace.rows("tasks", stage=stage["id"], status="active") if stage else ():
        _schedule(call, task, item)
    return call.view.of("items", item)


def _schedule(call: Call, task: Json, item: Json) -> None:
    above = {name: task[name] for name in ("name", "stage", "flow", "item_type", "assignees")}
    due = None
    if span := task["response_time"]:
        due = iso(datetime.now(UTC) + timedelta(**{f"{span['unit']}s": span["value"]}))
    state = {"status": "pending", "due_date": due, "completed_at": None, "user": call.world.caller}
    call.world.add(call.workspace, "schedule_tasks", {**above, **state, "task": task["id"], "item": item["id"]})


def update_item(call: Call) -> Json:
    body = accept(call.sent, rules.ITEM)
    row = _item(call)
    data = row["data"] | _checked_values(call, row["item_type"], body.get("data", {}), is_new=False)
    changes = {"data": data} | ({"status": body["status"]} if "status" in body else {})
    return changed(call, "items", row, changes)


def delete_item(call: Call) -> Json:
    row = _item(call)
    _drop_item(call, row)
    return done("Item deleted successfully")


def _drop_item(call: Call, row: Json) -> None:
    del call.table("items")[row["id"]]
    for task in call.workspace.rows("schedule_tasks", item=row["id"]):
        del call.table("schedule_tasks")[task["id"]]
    for quick in call.workspace.rows("quick_tasks", item=row["id"]):
        quick["item"] = None


def _checked_values(call: Call, slug: str, data: Json, *, is_new: bool) -> Json:
    """The values of an item, checked against the fields of its type; a new item gets the default values."""
    fields = {row["slug"]: row for row in call.workspace.rows("fields", item_type=slug, active=True)}
    bad = {f"data.{name}": "is no field of the type" for name in data if name not in fields}
    for name, row in fields.items():
        is_missing = data.get(name) is None if is_new else name in data and data[name] is None
        if row["required"] and is_missing and row["defaultValue"] is None:
            bad[f"data.{name}"] = "is required"
        elif data.get(name) is not None and (problem := _value_rule(row)(data[name])):
            bad[f"data.{name}"] = problem
    if bad:
        raise invalid(bad)
    defaults = {name: _default(row) for name, row in fields.items() if row["defaultValue"] is not None}
    return {**(defaults if is_new else {}), **data}


def _value_rule(field: Json) -> rules.Rule:
    if field["type"] == "select":
        return one_of(*field["options"]["choices"])
    return rules.VALUES[field["type"]]


def _default(field: Json) -> Any:
    value = field["defaultValue"]
    if field["type"] == "boolean":
        return value == "true"
    try:
        return json.loads(value) if field["type"] == "number" else value
    except ValueError:
        return None


# -------- Types ---------------------------------------------------------------------


def create_type(call: Call) -> Json:
    body = accept(call.sent, rules.TYPE, ("name",))
    slug = body.get("slug") or free_slug(body["name"], [row["slug"] for row in call.workspace.rows("types")])
    if slug == "count" or is_taken(call, "types", "slug", slug):
        raise invalid({"slug": "must be unique"})
    empty: Json = {"description": None, "icon": None, "color": None, "settings": {}, "status": "active"}
    return call.add("types", {"name": body["name"], "slug": slug} | empty | body | {"slug": slug})


def get_type(call: Call) -> Json:
    return call.view.detail(call.type_row())


def update_type(call: Call) -> Json:
    body = accept(call.sent, rules.TYPE)
    row = call.type_row()
    if body.get("slug", row["slug"]) != row["slug"]:
        raise invalid({"slug": "cannot be changed"})
    return changed(call, "types", row, body)


def delete_type(call: Call) -> Json:
    row = call.type_row()
    for item in call.workspace.rows("items", item_type=row["slug"]):
        _drop_item(call, item)
    for table in ("schedule_tasks", "tasks", "stages", "flows", "forms", "permissions", "fields"):
        for one in call.workspace.rows(table, item_type=row["slug"]):
            del call.table(table)[one["id"]]
    return remove(call, "types", row, "Type deleted successfully")


# -------- Tasks ---------------------------------------------------------------------


def create_task(call: Call) -> Json:
    body = accept(call.sent, rules.TASK, ("name", "action", "stage"))
    require_known(call, "stage", "stages", body["stage"])
    stage = call.table("stages")[body["stage"]]
    if body["action"] == "use_integration":
        id = body.get("settings", {}).get("integration")
        if call.table("integrations").get(id, {}).get("status") != "active":
            raise invalid({"settings": "integration must be an active integration"})
    empty: Json = {
        "description": None,
        "status": "active",
        "settings": {},
        "assignees": EVERYONE,
        "response_time": None,
    }
    empty |= {"success_trigger": None, "error_trigger": None, "conditions": []}
    above = {"stage": stage["id"], "flow": stage["flow"], "item_type": stage["item_type"], "user": call.world.caller}
    return call.add("tasks", empty | body | above)


def get_flow(call: Call) -> Json:
    return call.view.flow_detail(call.row("flows"))


def list_create_forms(call: Call) -> list[Json]:
    listing = LISTINGS["forms"]
    known = {"item_type": TEXT, "_q": TEXT, "_sort": rules.sorting(listing.sorts), **rules.PAGING}
    accept_query(call.query, known)
    rows = call.workspace.rows("forms", is_create=True, status="active")
    return [call.view.of("forms", row) for row in page(call, listing, select(call, listing, rows))]


# -------- Members -------------------------------------------------------------------


def create_member(call: Call) -> Json:
    body = accept(call.sent, rules.NEW_MEMBER, ("email", "type"))
    members = call.workspace.rows("members")
    if body["email"] in {call.world.users[row["user"]]["email"] for row in members}:
        raise invalid({"email": "is a member already"})
    require_known(call, "role", "roles", body.get("role"))
    require_known(call, "mgroups", "mgroups", body.get("mgroups", []))
    is_first = body.get("v1_compatibility", False)
    if is_first and body["type"] == "viewer":
        raise invalid({"v1_compatibility": "is for full and standard members"})
    user = next((row for row in call.world.users.values() if row["email"] == body["email"]), None)
    user = user or call.world.add_user(body["email"], body.get("fname", ""), body.get("lname", ""))
    for group in body.get("mgroups", []):
        users = call.table("mgroups")[group]["users"]
        users += [] if user["id"] in users else [user["id"]]
    role = None if is_first else body.get("role")
    return call.add("members", {"user": user["id"], "type": body["type"], "role": role, "status": "active"})


def update_member(call: Call) -> Json:
    body = accept(call.sent, rules.MEMBER)
    row = call.row("members")
    if row["type"] == "owner" and {"type", "status"} & body.keys():
        raise Refused(400, "The owner cannot be changed")
    kind, is_first = body.get("type", row["type"]), body.pop("v1_compatibility", False)
    if is_first and {kind, row["type"]} & {"owner", "viewer"}:
        raise invalid({"v1_compatibility": "is for full and standard members"})
    require_known(call, "role", "roles", body.get("role"))
    return changed(call, "members", row, body | ({"role": None} if is_first else {}))


def remove_member(call: Call) -> Json:
    row = call.row("members")
    if row["type"] == "owner":
        raise Refused(400, "The owner cannot be removed")
    _leave_groups(call, [row["user"]])
    return remove(call, "members", row, "Member removed successfully")


def _leave_groups(call: Call, users: list[int]) -> None:
    for group in call.workspace.rows("mgroups"):
        group["users"] = [user for user in group["users"] if user not in users]


# -------- Roles ---------------------------------------------------------------------


def create_role(call: Call) -> Json:
    body = accept(call.sent, rules.ROLE, ("name",))
    require_unique(call, "roles", "name", body)
    return call.add("roles", {"name": body["name"], "description": body.get("description")})


def update_role(call: Call) -> Json:
    body = accept(call.sent, rules.ROLE)
    row = call.row("roles")
    require_unique(call, "roles", "name", body, row)
    return changed(call, "roles", row, body)


def delete_role(call: Call) -> Json:
    row = call.row("roles")
    for permission in call.workspace.rows("permissions", role=row["id"]):
        del call.table("permissions")[permission["id"]]
    for member in call.workspace.rows("members", role=row["id"]):
        member["role"] = None
    _forget(call, "roles", row["id"])
    return remove(call, "roles", row, "Role deleted successfully")


def _forget(call: Call, name: str, id: int) -> None:
    """Takes the id of a role or a group out of all lists of assignees and rights."""
    for table, member in (("tasks", "assignees"), ("schedule_tasks", "assignees"), ("quick_tasks", "limit_access")):
        for row in call.workspace.rows(table):
            row[member] = row[member] | {name: [one for one in row[member][name] if one != id]}


def list_role_permissions(call: Call) -> list[Json]:
    check_query(call, LISTINGS["permissions"], paged=True)
    return list_rows("permissions", call, role=call.row("roles")["id"])


def add_role_permission(call: Call) -> Json:
    body = accept(call.sent, rules.PERMISSION, ("area",))
    role = call.row("roles")
    targets = {name: body.get(name) for name in ("item_type", "form", "field")}
    if "action" not in body and body["area"] in ("items", "tasks", "settings"):
        raise invalid({"action": "is required for this area"})
    if body["area"] != "items" and any(targets.values()):
        raise invalid({name: "is for the area items" for name, value in targets.items() if value})
    if targets["item_type"] is not None and not is_taken(call, "types", "slug", targets["item_type"]):
        raise invalid({"item_type": "does not exist"})
    require_known(call, "form", "forms", targets["form"])
    require_known(call, "field", "fields", targets["field"])
    row = {"role": role["id"], "area": body["area"], "action": body.get("action", "read"), **targets}
    if call.workspace.rows("permissions", **row):
        raise invalid({"area": "is granted already"})
    return call.add("permissions", row)


def remove_role_permission(call: Call) -> Json:
    role, row = call.row("roles"), call.row("permissions", 1)
    found(row if row["role"] == role["id"] else None)
    return remove(call, "permissions", row, "Permission removed successfully")


# -------- Member groups -------------------------------------------------------------


def create_group(call: Call) -> Json:
    body = accept(call.sent, rules.GROUP, ("name",))
    require_unique(call, "mgroups", "name", body)
    users = list(dict.fromkeys(body.get("users", [])))
    require_members(call, "users", users)
    return call.add("mgroups", {"name": body["name"], "users": users})


def update_group(call: Call) -> Json:
    body = accept(call.sent, rules.GROUP)
    row = call.row("mgroups")
    require_unique(call, "mgroups", "name", body, row)
    require_members(call, "users", body.get("users", []))
    return changed(call, "mgroups", row, body)


def delete_group(call: Call) -> Json:
    row = call.row("mgroups")
    _forget(call, "mgroups", row["id"])
    return remove(call, "mgroups", row, "Group deleted successfully")


def add_group_users(call: Call) -> Json:
    users = accept(call.sent, rules.GROUP_USERS, ("users",))["users"]
    row = call.row("mgroups")
    require_members(call, "users", users)
    row["users"] = list(dict.fromkeys([*row["users"], *users]))
    return done("Users added successfully")


def remove_group_users(call: Call) -> Json:
    parts = call.query.get("users", "").split(",")
    bad = len(parts) != len(set(parts)) or any(map(WHOLE, parts))
    accept_query(call.query | ({"users": ""} if bad else {}), {"users": lambda text: "" if text else "must be ids"})
    row = call.row("mgroups")
    row["users"] = [user for user in row["users"] if str(user) not in parts]
    return done("Users removed successfully")


# -------- Quick tasks ---------------------------------------------------------------


def create_quick_task(call: Call) -> Json:
    body = accept(call.sent, rules.QUICK_TASK, ("title",))
    if body.get("approval"):
        raise invalid({"approval": "is decided on update"})
    _check_quick_task(call, body)
    empty = dict.fromkeys(("description", "priority", "points", "due_date", "assigned_to", "item", "approval"))
    start: Json = {"kind": "manual", "status": "pending", "limit_access": EVERYONE}
    is_over = body.get("status") == "completed"
    return call.add(
        "quick_tasks", empty | start | body | {"user": call.world.caller, "completed_at": now() if is_over else None}
    )


def update_quick_task(call: Call) -> Json:
    body = accept(call.sent, rules.QUICK_TASK)
    row = call.row("quick_tasks")
    if body.pop("kind", row["kind"]) != row["kind"]:
        raise invalid({"kind": "cannot be changed"})
    if body.get("approval") and row["kind"] != "approval":
        raise invalid({"approval": "is for the kind approval"})
    _check_quick_task(call, body)
    if body.get("approval"):
        body["status"] = "completed"
    status = body.get("status", row["status"])
    completed = (row["completed_at"] or now()) if status == "completed" else None
    return changed(call, "quick_tasks", row, body | {"completed_at": completed})


def _check_quick_task(call: Call, body: Json) -> None:
    require_members(call, "assigned_to", [body.get("assigned_to")], status="active")
    require_known(call, "item", "items", body.get("item"))


def delete_quick_task(call: Call) -> Json:
    return remove(call, "quick_tasks", call.row("quick_tasks"), "Quick task deleted successfully")


# -------- Integrations --------------------------------------------------------------


def create_integration(call: Call) -> Json:
    body = accept(call.sent, rules.INTEGRATION, ("integration", "data"))
    provider, data = body["integration"], body["data"]
    needed = rules.NEEDED_BY_PROVIDER.get(provider, ("environment",))
    bad = {f"data.{name}": "is required" for name in needed if name not in data}
    bad |= {
        f"data.{n}": p for n, v in data.items() if n in rules.INTEGRATION_DATA and (p := rules.INTEGRATION_DATA[n](v))
    }
    if bad:
        raise invalid(bad)
    shown = {"changeKeys": False} | {name: data[name] for name in rules.SHOWN if name in data}
    secrets = {name: value for name, value in data.items() if name not in rules.SHOWN}
    if not (rows := call.workspace.rows("integrations", integration=provider)):
        return call.add(
            "integrations", {"integration": provider, "data": shown, "status": "active", "secrets": secrets}
        )
    kept = secrets if data.get("changeKeys") else rows[0]["secrets"]
    return changed(call, "integrations", rows[0], {"data": shown, "secrets": kept})


# -------- Workspaces ----------------------------------------------------------------


def list_workspaces(call: Call) -> list[Json]:
    listing = LISTINGS["workspaces"]
    check_query(call, listing, paged=True)
    views = [View(call.world, workspace) for workspace in call.world.workspaces.values()]
    rows = [view.workspace_row() for view in views if (view.own_member() or {}).get("status") == "active"]
    return page(call, listing, select(call, listing, rows))


def create_workspace(call: Call) -> Json:
    body = accept(call.sent, rules.WORKSPACE, ("name",))
    slug = body.get("slug") or free_slug(body["name"], call.world.workspaces)
    if slug in call.world.workspaces:
        raise invalid({"slug": "must be unique"})
    made = new_workspace(call.world.new_id(), slug, body["name"])
    made.row |= body | {"slug": slug}
    call.world.workspaces[slug] = made
    owner = {"user": call.world.caller, "type": "owner", "role": None, "status": "active"}
    call.world.add(made, "members", owner)
    return View(call.world, made).workspace_row()


def delete_workspace(call: Call) -> Json:
    _require_owner(call)
    del call.world.workspaces[call.workspace.row["slug"]]
    return done("Workspace deleted successfully")


def _require_owner(call: Call) -> None:
    if (call.view.own_member() or {})["type"] != "owner":
        raise Refused(403, "Insufficient permissions")


def get_context(call: Call) -> Json:
    member = found(call.view.own_member())
    role = call.table("roles").get(member["role"])
    permissions = call.workspace.rows("permissions", role=role["id"]) if role else []
    groups = [row["id"] for row in call.workspace.rows("mgroups") if call.world.caller in row["users"]]
    who = {"workspace": call.view.workspace_row(), "member": call.view.of("members", member), "role": role}
    return {**who, "permissions": permissions, "mgroups": groups, "scope": scopes(call.api_key)}


def leave_workspace(call: Call) -> Json:
    member = found(call.view.own_member())
    if member["type"] == "owner":
        raise Refused(400, "The owner cannot leave the workspace")
    _leave_groups(call, [call.world.caller])
    return remove(call, "members", member, "You have successfully exited the workspace")


def get_stats(call: Call) -> Json:
    types = [
        {"slug": row["slug"], "name": row["name"], "count": len(call.workspace.rows("items", item_type=row["slug"]))}
        for row in call.workspace.rows("types")
    ]
    kinds = {kind: len(call.workspace.rows("members", type=kind)) for kind in ("owner", *rules.MEMBER_TYPES)}
    return call.view.counts() | {"items_by_type": types, "members_by_type": kinds}


def preview_deletion(call: Call) -> Json:
    counts = call.view.counts()
    can_delete = (call.view.own_member() or {})["type"] == "owner"
    named = {name: call.workspace.row[name] for name in ("id", "name", "slug")}
    return {"workspace": named, "counts": counts, "total": sum(counts.values()), "can_delete": can_delete}


# -------- User ----------------------------------------------------------------------


def list_logs(call: Call) -> list[Json]:
    check_query(call, LISTINGS["log"], paged=True)
    return page(call, LISTINGS["log"], select(call, LISTINGS["log"], call.world.log))


def list_keys(call: Call) -> list[Json]:
    views = {slug: View(call.world, workspace) for slug, workspace in call.world.workspaces.items()}
    own = [slug for slug, view in views.items() if view.own_member()]
    times = {"created_at": "2026-02-19T11:41:58.395Z", "updated_at": "2026-02-19T11:41:58.407Z"}
    keys = [
        ("Integração ERP", None, reference(f"key {call.api_key}"), scopes(call.api_key), now()),
        ("Painel de vendas", "2027-02-19T11:41:58.392Z", reference("a second key"), ["read"], None),
    ]
    return [
        {"id": 5983 + number, **times, "description": description, "expires_at": expires, "reference": key}
        | {"scope": {"global": scope, "workspaces": own}, "last_used_at": used}
        for number, (description, expires, key, scope, used) in enumerate(keys)
    ]


def scopes(api_key: str) -> list[str]:
    """What a key may do."""
    return ["read"] if "readonly" in api_key.lower().replace("-", "") else ["read", "write", "delete"]


Operation = Callable[[Call], Any]
ROLE, GROUP, TYPE = "/ws/roles/{}", "/ws/mgroups/{}", "/ws/types/{}"

# By operationId: method, path and function; literal paths stand before those with keys.
OPERATIONS: dict[str, tuple[str, str, Operation]] = {
    "listTypes": ("GET", "/ws/types", partial(list_rows, "types")),
    "createType": ("POST", "/ws/types", create_type),
    "countTypes": ("GET", "/ws/types/count", partial(count_rows, "types")),
    "getType": ("GET", TYPE, get_type),
    "updateType": ("PUT", TYPE, update_type),
    "deleteType": ("DELETE", TYPE, delete_type),
    "listFields": ("GET", f"{TYPE}/fields", list_fields),
    "createField": ("POST", f"{TYPE}/fields", create_field),
    "getField": ("GET", f"{TYPE}/fields/{{}}", get_field),
    "updateField": ("PUT", f"{TYPE}/fields/{{}}", update_field),
    "deleteField": ("DELETE", f"{TYPE}/fields/{{}}", delete_field),
    "listItems": ("GET", f"{TYPE}/items", list_items),
    "createItem": ("POST", f"{TYPE}/items", create_item),
    "countItems": ("GET", f"{TYPE}/items/count", count_items),
    "getItem": ("GET", f"{TYPE}/items/{{}}", get_item),
    "updateItem": ("PUT", f"{TYPE}/items/{{}}", update_item),
    "deleteItem": ("DELETE", f"{TYPE}/items/{{}}", delete_item),
    "listTasks": ("GET", "/c-flow-tasks", partial(list_rows, "tasks")),
    "createTask": ("POST", "/c-flow-tasks", create_task),
    "getTask": ("GET", "/c-flow-tasks/{}", partial(get_row, "tasks")),
    "listStages": ("GET", "/c-flow-stages", partial(list_rows, "stages")),
    "getStage": ("GET", "/c-flow-stages/{}", partial(get_row, "stages")),
    "listFlows": ("GET", "/c-flows", partial(list_rows, "flows")),
    "getFlow": ("GET", "/c-flows/{}", get_flow),
    "listForms": ("GET", "/c-forms", partial(list_rows, "forms")),
    "listCreateForms": ("GET", "/c-forms/create", list_create_forms),
    "getForm": ("GET", "/c-forms/{}", partial(get_row, "forms")),
    "listMembers": ("GET", "/ws/members", partial(list_rows, "members")),
    "createMember": ("POST", "/ws/members", create_member),
    "countMembers": ("GET", "/ws/members/count", partial(count_rows, "members")),
    "getMember": ("GET", "/ws/members/{}", partial(get_row, "members")),
    "updateMember": ("PUT", "/ws/members/{}", update_member),
    "removeMember": ("DELETE", "/ws/members/{}", remove_member),
    "listRoles": ("GET", "/ws/roles", partial(list_rows, "roles")),
    "createRole": ("POST", "/ws/roles", create_role),
    "countRoles": ("GET", "/ws/roles/count", partial(count_rows, "roles")),
    "getRole": ("GET", ROLE, partial(get_row, "roles")),
    "updateRole": ("PUT", ROLE, update_role),
    "deleteRole": ("DELETE", ROLE, delete_role),
    "listRolePermissions": ("GET", f"{ROLE}/permissions", list_role_permissions),
    "addRolePermission": ("POST", f"{ROLE}/permissions", add_role_permission),
    "removeRolePermission": ("DELETE", f"{ROLE}/permissions/{{}}", remove_role_permission),
    "listMemberGroups": ("GET", "/ws/mgroups", partial(list_rows, "mgroups")),
    "createMemberGroup": ("POST", "/ws/mgroups", create_group),
    "getMemberGroup": ("GET", GROUP, partial(get_row, "mgroups")),
    "updateMemberGroup": ("PUT", GROUP, update_group),
    "deleteMemberGroup": ("DELETE", GROUP, delete_group),
    "addMemberGroupUsers": ("POST", f"{GROUP}/users", add_group_users),
    "removeMemberGroupUsers": ("DELETE", f"{GROUP}/users", remove_group_users),
    "listQuickTasks": ("GET", "/c-quick-tasks", partial(list_rows, "quick_tasks")),
    "createQuickTask": ("POST", "/c-quick-tasks", create_quick_task),
    "countQuickTasks": ("GET", "/c-quick-tasks/count", partial(count_rows, "quick_tasks")),
    "getQuickTask": ("GET", "/c-quick-tasks/{}", partial(get_row, "quick_tasks")),
    "updateQuickTask": ("PUT", "/c-quick-tasks/{}", update_quick_task),
    "deleteQuickTask": ("DELETE", "/c-quick-tasks/{}", delete_quick_task),
    "listIntegrations": ("GET", "/integrations", partial(list_rows, "integrations")),
    "createIntegration": ("POST", "/integrations", create_integration),
    "listScheduleTasks": ("GET", "/c-schedule-tasks", partial(list_rows, "schedule_tasks")),
    "getScheduleTask": ("GET", "/c-schedule-tasks/{}", partial(get_row, "schedule_tasks")),
    "listWorkspaces": ("GET", "/ws", list_workspaces),
    "createWorkspace": ("POST", "/ws", create_workspace),
    "deleteWorkspace": ("DELETE", "/ws", delete_workspace),
    "getWorkspaceContext": ("GET", "/ws/context", get_context),
    "leaveWorkspace": ("POST", "/ws/leave", leave_workspace),
    "getWorkspaceStats": ("GET", "/ws/stats", get_stats),
    "getWorkspaceDeletionPreview": ("GET", "/ws/deletion-preview", preview_deletion),
    "listRequestLogs": ("GET", "/user-request-logs", list_logs),
    "listApiKeys": ("GET", "/user-api-keys", list_keys),
}
WITHOUT_WORKSPACE = ("listWorkspaces", "createWorkspace", "listRequestLogs", "listApiKeys")
WITH_SESSION = ("listRequestLogs", "listApiKeys")
