"""A reference model of Enspace in plain dictionaries: the expected answer to each call of the owner of company-abc.

Written from the API reference, without code of the product. A record holds ids; `shown_*` renders it as an answer.
`updated_at` is left out of answers: it may also change with related records.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta
from typing import Any

Record = dict[str, Any]
NOW = "2026-03-12T21:30:00.000Z"
CALLER = 64
# Ids that no record ever has.
NOBODY = 999_999

SLUGS = {"Ativos": "ativos", "Avaliação": "avaliacao", "Notas fiscais": "notas-fiscais", "Count": "count", "RH": "rh"}
UNITS = {"minute": 60, "hour": 3600, "day": 86_400, "week": 604_800}
ANSWERED = {
    4: ("changeKeys", "environment"),
    5: ("changeKeys", "environment", "webhookCatcherEndpoint"),
    6: ("changeKeys", "phone_number"),
    8: ("changeKeys", "environment"),
}
COUNTED = (
    *("types", "fields", "items", "flows", "stages", "tasks", "forms", "members", "roles", "mgroups"),
    *("quick_tasks", "schedule_tasks", "integrations"),
)
# Records that go when another one goes: collection, member.
GO_WITH = {
    "types": [(name, "item_type") for name in ("fields", "items", "flows", "stages", "tasks", "schedule_tasks")]
    + [("forms", "item_type"), ("permissions", "item_type")],
    "roles": [("permissions", "role")],
    "items": [("schedule_tasks", "item")],
    "fields": [("permissions", "field")],
    "forms": [("permissions", "form")],
}
# Members that are set to null when another record goes.
CLEARED = {"roles": [("members", "role")], "items": [("quick_tasks", "item")], "forms": [("items", "form")]}


class No(Exception):
    """The expected refusal of a call; `fields` are the members of the body that the answer has to name."""

    def __init__(self, status: int, fields: Iterable[str] = ()) -> None:
        self.status, self.fields = status, set(fields)


class Model:
    """All records of one sandbox by collection and id, with a method for each call."""

    def __init__(self, state: dict[str, list[Record]]) -> None:
        self.records = {name: {row["id"]: row for row in rows} for name, rows in state.items()}
        self.last = {name: max(rows, default=0) for name, rows in self.records.items()}
        self.origin = self.kept()
        self.snapshots: dict[str, Any] = {}

    def kept(self) -> Any:
        """Copies all tables; a shallow copy is enough, since records are replaced and never changed."""
        return {name: dict(rows) for name, rows in self.records.items()}, dict(self.last)

    def back_to(self, kept: Any) -> None:
        records, last = kept
        self.records, self.last = {name: dict(rows) for name, rows in records.items()}, dict(last)

    # -------- Finding and changing ---------------------------------------------------------------

    def all(self, table: str, **values: Any) -> list[Record]:
        rows = self.records[table].values()
        found = [row for row in rows if all(row[name] == value for name, value in values.items())]
        return sorted(found, key=lambda row: int(row["id"]))

    def enter(self, slug: str) -> Record:
        """Finds the workspace of the header. Raises `No` if the key is not made for it."""
        key = min(self.all("api_keys"), key=lambda row: int(row["id"]))
        if slug not in key["scope"]["workspaces"]:
            raise No(403)
        (workspace,) = self.all("workspaces", slug=slug)
        return workspace

    def get(self, table: str, workspace: Record, id: int) -> Record:
        row = self.find(table, workspace, id)
        if row is None:
            raise No(404)
        return row

    def find(self, table: str, workspace: Record, id: int | None) -> Record | None:
        row = self.records[table].get(id or 0)
        return row if row is not None and row["workspace"] == workspace["id"] else None

    def type(self, workspace: Record, slug: str) -> Record:
        found = self.all("types", workspace=workspace["id"], slug=slug)
        if not found:
            raise No(404)
        return found[0]

    def add(self, table: str, **members: Any) -> Record:
        self.last[table] += 1
        row = {"id": self.last[table], **members, "created_at": NOW}
        self.records[table][row["id"]] = row
        return row

    def change(self, table: str, row: Record, **members: Any) -> Record:
        self.records[table][row["id"]] = changed = {**row, **members}
        return changed

    def remove(self, table: str, id: int) -> None:
        for other, member in GO_WITH.get(table, ()):
            for row in self.all(other, **{member: id}):
                self.remove(other, row["id"])
        for other, member in CLEARED.get(table, ()):
            for row in self.all(other, **{member: id}):
                self.change(other, row, **{member: None})
        if table in ("roles", "mgroups"):
            for other, member in (("tasks", "assignees"), ("quick_tasks", "limit_access")):
                for row in self.all(other):
                    if id in row[member][table]:
                        rest = [one for one in row[member][table] if one != id]
                        self.change(other, row, **{member: {**row[member], table: rest}})
        self.records[table].pop(id, None)

    def demand_unique(self, table: str, row: Record | None, **values: Any) -> None:
        others = [other for other in self.all(table, **values) if row is None or other["id"] != row["id"]]
        if others:
            raise No(400, [list(values)[-1]])

    # -------- Workspaces -------------------------------------------------------------------------

    def create_workspace(self, body: Record) -> Record:
        slug = body.get("slug") or SLUGS[body["name"]]
        self.demand_unique("workspaces", None, slug=slug)
        defaults: Record = {"description": None, "icon": None, "language": "pt", "settings": {}}
        row = self.add("workspaces", **defaults | body | {"slug": slug})
        owner = {"role": None, "status": "active", "v1": False, "favorite": False}
        self.add("members", workspace=row["id"], user=CALLER, type="owner", **owner)
        key = min(self.all("api_keys"), key=lambda row: int(row["id"]))
        scope = {**key["scope"], "workspaces": [*key["scope"]["workspaces"], slug]}
        self.change("api_keys", key, scope=scope)
        return self.shown_workspace(row)

    def delete_workspace(self, workspace: Record) -> str:
        if self.me(workspace)["type"] != "owner":
            raise No(403)
        for table in ("quick_tasks", "integrations", "mgroups", "types", "members", "roles"):
            for row in self.all(table, workspace=workspace["id"]):
                self.remove(table, row["id"])
        del self.records["workspaces"][workspace["id"]]
        for key in self.all("api_keys"):
            rest = [slug for slug in key["scope"]["workspaces"] if slug != workspace["slug"]]
            self.change("api_keys", key, scope={**key["scope"], "workspaces": rest})
        return "Workspace deleted successfully"

    def list_workspaces(self, query: Record) -> list[Record]:
        key = min(self.all("api_keys"), key=lambda row: int(row["id"]))
        own = [row for row in self.all("workspaces") if row["slug"] in key["scope"]["workspaces"]]
        return [self.shown_workspace(row) for row in page(own, query)]

    def stats(self, workspace: Record) -> Record:
        counts = {name: len(self.all(name, workspace=workspace["id"])) for name in COUNTED}
        members = self.all("members", workspace=workspace["id"])
        types = self.all("types", workspace=workspace["id"])
        return counts | {
            "items_by_type": [
                {"slug": row["slug"], "name": row["name"], "count": len(self.all("items", item_type=row["id"]))}
                for row in types
            ],
            "members_by_type": {
                type: len([row for row in members if row["type"] == type])
                for type in ("owner", "full", "standard", "viewer")
            },
        }

    def me(self, workspace: Record) -> Record:
        (member,) = self.all("members", workspace=workspace["id"], user=CALLER)
        return member

    def shown_workspace(self, row: Record) -> Record:
        me = self.me(row)
        shown = only(row, "name", "slug", "description", "icon", "language", "settings", "created_at")
        return shown | {"id": str(row["id"]), "member_type": me["type"], "favorite": me["favorite"]}

    # -------- Types and fields -------------------------------------------------------------------

    def create_type(self, workspace: Record, body: Record) -> Record:
        slug = body.get("slug") or SLUGS[body["name"]]
        if slug == "count":
            raise No(400, ["slug"])
        self.demand_unique("types", None, workspace=workspace["id"], slug=slug)
        defaults: Record = {"description": None, "icon": None, "color": None, "settings": {}, "status": "active"}
        return shown_type(self.add("types", workspace=workspace["id"], **defaults | body | {"slug": slug}))

    def update_type(self, workspace: Record, slug: str, body: Record) -> Record:
        row = self.type(workspace, slug)
        if body.get("slug", slug) != slug:
            raise No(400, ["slug"])
        return shown_type(self.change("types", row, **body))

    def delete_type(self, workspace: Record, slug: str) -> str:
        self.remove("types", self.type(workspace, slug)["id"])
        return "Type deleted successfully"

    def get_type(self, workspace: Record, slug: str) -> Record:
        row = self.type(workspace, slug)
        return shown_type(row) | {"fields": self.list_fields(workspace, slug, {})}

    def list_fields(self, workspace: Record, slug: str, query: Record) -> list[Record]:
        rows = self.all("fields", item_type=self.type(workspace, slug)["id"])
        return [shown_field(row) for row in page(rows, {"_sort": "position:ASC,id:ASC"} | query)]

    def create_field(self, workspace: Record, slug: str, body: Record) -> Record:
        type_id = self.type(workspace, slug)["id"]
        last = max((row["position"] for row in self.all("fields", item_type=type_id)), default=-1)
        defaults: Record = {"required": False, "defaultValue": None, "options": None, "active": True, "config": {}}
        row = defaults | {"native": False, "position": body.get("order", last + 1)} | body
        row.pop("order", None)
        check_field(row)
        self.demand_unique("fields", None, item_type=type_id, slug=body["slug"])
        return shown_field(self.add("fields", workspace=workspace["id"], item_type=type_id, **row))

    def field(self, workspace: Record, slug: str, id: int) -> Record:
        type_id = self.type(workspace, slug)["id"]
        row = self.records["fields"].get(id)
        if row is None or row["item_type"] != type_id:
            raise No(404)
        return row

    def update_field(self, workspace: Record, slug: str, id: int, body: Record) -> Record:
        row = self.field(workspace, slug, id)
        if body.get("slug", row["slug"]) != row["slug"]:
            raise No(400, ["slug"])
        changed = row | {"position": body.get("order", row["position"])} | body
        changed.pop("order", None)
        check_field(changed)
        values = [item["data"].get(row["slug"]) for item in self.all("items", item_type=row["item_type"])]
        for member in ("type", "options", "config"):
            differs = changed[member] != row[member]
            if differs and any(value is not None and not fits(changed, value) for value in values):
                raise No(400, [member])
        return shown_field(self.change("fields", changed))

    def delete_field(self, workspace: Record, slug: str, id: int) -> str:
        row = self.field(workspace, slug, id)
        if row["native"]:
            raise No(400)
        for item in self.all("items", item_type=row["item_type"]):
            rest = {name: value for name, value in item["data"].items() if name != row["slug"]}
            self.change("items", item, data=rest)
        for form in self.all("forms", item_type=row["item_type"]):
            self.change("forms", form, fields=[line for line in form["fields"] if line["field"] != id])
        for task in self.all("tasks", item_type=row["item_type"]):
            kept = [one for one in task["conditions"] if one["field"] != row["slug"]]
            self.change("tasks", task, conditions=kept)
        self.remove("fields", id)
        return "Field deleted successfully"

    # -------- Items ------------------------------------------------------------------------------

    def create_item(self, workspace: Record, slug: str, body: Record, reference: str) -> Record:
        type_id = self.type(workspace, slug)["id"]
        fields = self.all("fields", item_type=type_id)
        defaults = {
            field["slug"]: default_of(field)
            for field in fields
            if field["active"] and field["slug"] not in body["data"] and field["defaultValue"] is not None
        }
        data = body["data"] | defaults
        missing = [field["slug"] for field in fields if field["active"] and field["required"]]
        if faults := bad_values(fields, data) | {f"data.{name}" for name in missing if data.get(name) is None}:
            raise No(400, faults)
        form = self.find("forms", workspace, body.get("form"))
        if body.get("form") is not None:
            usable = form is not None and form["item_type"] == type_id and form["status"] == "active"
            if form is None or not usable or not form["is_create"]:
                raise No(400, ["form"])
        stage = self.start_stage(type_id)
        new = {"form": body.get("form"), "stage": stage and stage["id"], "status": body.get("status", "active")}
        row = self.add(
            "items", workspace=workspace["id"], item_type=type_id, reference=reference, data=data, user=CALLER, **new
        )
        for task in self.all("tasks", stage=stage["id"], status="active") if stage else ():
            place = only(task, "workspace", "item_type", "flow", "stage")
            due = {"due_date": due_date(task["response_time"]), "completed_at": None, "status": "pending"}
            self.add("schedule_tasks", **place, task=task["id"], item=row["id"], user=CALLER, **due)
        return self.shown_item(row)

    def start_stage(self, type_id: int) -> Record | None:
        flows = self.all("flows", item_type=type_id, status="active", start_type="always")
        return self.all("stages", flow=flows[0]["id"], is_start=True)[0] if flows else None

    def item(self, workspace: Record, slug: str, reference: str) -> Record:
        found = self.all("items", item_type=self.type(workspace, slug)["id"], reference=reference)
        if not found:
            raise No(404)
        return found[0]

    def update_item(self, workspace: Record, slug: str, reference: str, body: Record) -> Record:
        row = self.item(workspace, slug, reference)
        data = body.get("data", {})
        fields = self.all("fields", item_type=row["item_type"])
        nulls = {field["slug"] for field in fields if field["active"] and field["required"]}
        if faults := bad_values(fields, data) | {
            f"data.{name}" for name in data if name in nulls and data[name] is None
        }:
            raise No(400, faults)
        status = body.get("status", row["status"])
        return self.shown_item(self.change("items", row, data=row["data"] | data, status=status))

    def delete_item(self, workspace: Record, slug: str, reference: str) -> str:
        self.remove("items", self.item(workspace, slug, reference)["id"])
        return "Item deleted successfully"

    def list_items(self, workspace: Record, slug: str, query: Record) -> list[Record]:
        type_id = self.type(workspace, slug)["id"]
        by_value = {field["slug"] for field in self.all("fields", item_type=type_id)} - {"status", "reference"}
        own = {name: value for name, value in query.items() if name not in by_value}
        rows = [
            row
            for row in self.all("items", item_type=type_id)
            if all(as_text(row["data"].get(name)) == query[name] for name in by_value & query.keys())
        ]
        return [self.shown_item(row) for row in page(rows, own, within="data")]

    def list_schedule_tasks(self, workspace: Record, query: Record) -> list[Record]:
        rows = page(self.all("schedule_tasks", workspace=workspace["id"]), query)
        return [only(row, "id", "status", "due_date", "completed_at", "created_at") for row in rows]

    def shown_item(self, row: Record) -> Record:
        form, stage = row["form"], row["stage"]
        about_stage = ("id", "name", "status", "progress_type", "is_start", "hex_color", "icon")
        return only(row, "id", "reference", "data", "status", "created_at") | {
            "item_type": only(self.records["types"][row["item_type"]], *_TYPE_REF),
            "form": form and only(self.records["forms"][form], "id", "name", "slug"),
            "stage": stage and only(self.records["stages"][stage], *about_stage),
            "user": self.shown_user(row["user"]),
        }

    # -------- Roles and permissions --------------------------------------------------------------

    def create_role(self, workspace: Record, body: Record) -> Record:
        self.demand_unique("roles", None, workspace=workspace["id"], name=body["name"])
        return shown_role(self.add("roles", workspace=workspace["id"], **{"description": None} | body))

    def update_role(self, workspace: Record, id: int, body: Record) -> Record:
        row = self.get("roles", workspace, id)
        self.demand_unique("roles", row, workspace=workspace["id"], name=body.get("name", row["name"]))
        return shown_role(self.change("roles", row, **body))

    def delete_role(self, workspace: Record, id: int) -> str:
        self.remove("roles", self.get("roles", workspace, id)["id"])
        return "Role deleted successfully"

    def list_permissions(self, workspace: Record, id: int) -> list[Record]:
        self.get("roles", workspace, id)
        return [self.shown_permission(row) for row in self.all("permissions", role=id)]

    def add_permission(self, workspace: Record, id: int, body: Record) -> Record:
        self.get("roles", workspace, id)
        area, slug = body["area"], body.get("item_type")
        types = self.all("types", workspace=workspace["id"], slug=slug)
        if slug is not None and not types:
            raise No(400, ["item_type"])
        targets = [name for name in ("item_type", "form", "field") if body.get(name) is not None]
        faults = set() if area == "items" else set(targets)
        if area in ("items", "tasks", "settings") and "action" not in body:
            faults.add("action")
        for name in ("form", "field"):
            if name in targets and self.find(f"{name}s", workspace, body[name]) is None:
                faults.add(name)
        if faults:
            raise No(400, faults)
        target = {"item_type": types[0]["id"] if types else None, "form": body.get("form"), "field": body.get("field")}
        row = {"role": id, "area": area, "action": body.get("action", "read"), **target}
        if self.all("permissions", **row):
            raise No(400, ["area"])
        return self.shown_permission(self.add("permissions", workspace=workspace["id"], **row))

    def remove_permission(self, workspace: Record, id: int, permission: int) -> str:
        self.get("roles", workspace, id)
        if self.get("permissions", workspace, permission)["role"] != id:
            raise No(404)
        self.remove("permissions", permission)
        return "Permission removed successfully"

    def shown_permission(self, row: Record) -> Record:
        type_id = row["item_type"]
        slug = self.records["types"][type_id]["slug"] if type_id else None
        return only(row, "id", "role", "area", "action", "form", "field", "created_at") | {"item_type": slug}

    # -------- Members and groups -----------------------------------------------------------------

    def create_member(self, workspace: Record, body: Record) -> Record:
        users = self.all("users", email=body["email"])
        if users and self.all("members", workspace=workspace["id"], user=users[0]["id"]):
            raise No(400, ["email"])
        v1 = body.get("v1_compatibility", False)
        if v1 and body["type"] == "viewer":
            raise No(400, ["type"])
        self.demand_role(workspace, body)
        groups = body.get("mgroups", [])
        if any(self.find("mgroups", workspace, id) is None for id in groups):
            raise No(400, ["mgroups"])
        names = {name: body.get(name, "") for name in ("fname", "lname")}
        user = users[0] if users else self.add("users", email=body["email"], **names)
        link = {"type": body["type"], "role": None if v1 else body.get("role"), "status": "active", "v1": v1}
        row = self.add("members", workspace=workspace["id"], user=user["id"], favorite=False, **link)
        for id in set(groups):
            group = self.records["mgroups"][id]
            self.change("mgroups", group, users=[*group["users"], user["id"]])
        return self.shown_member(row)

    def update_member(self, workspace: Record, id: int, body: Record) -> Record:
        row = self.get("members", workspace, id)
        if row["type"] == "owner" and (
            body.get("type", "owner") != "owner" or body.get("status", "active") != row["status"]
        ):
            raise No(400)
        type = body.get("type", row["type"])
        if body.get("v1_compatibility") and {type, row["type"]} & {"owner", "viewer"}:
            raise No(400, ["v1_compatibility"])
        self.demand_role(workspace, body)
        v1 = body.get("v1_compatibility", row["v1"] and type != "viewer")
        role = None if v1 else body.get("role", row["role"])
        status = body.get("status", row["status"])
        return self.shown_member(self.change("members", row, type=type, status=status, role=role, v1=v1))

    def demand_role(self, workspace: Record, body: Record) -> None:
        if body.get("role") is not None and self.find("roles", workspace, body["role"]) is None:
            raise No(400, ["role"])

    def remove_member(self, workspace: Record, id: int) -> str:
        row = self.get("members", workspace, id)
        if row["type"] == "owner":
            raise No(400)
        for group in self.all("mgroups", workspace=workspace["id"]):
            self.change("mgroups", group, users=[user for user in group["users"] if user != row["user"]])
        self.remove("members", id)
        return "Member removed successfully"

    def list_members(self, workspace: Record, query: Record) -> list[Record]:
        email = query.get("email")
        rows = [
            row
            for row in self.all("members", workspace=workspace["id"])
            if email is None or self.records["users"][row["user"]]["email"] == email
        ]
        rest = {name: value for name, value in query.items() if name != "email"}
        return [self.shown_member(row) for row in page(rows, rest)]

    def shown_member(self, row: Record) -> Record:
        user = self.shown_user(row["user"])
        shown = only(row, "id", "type", "role", "status", "created_at")
        return shown | {"user": user, "email": user["email"]}

    def shown_user(self, id: int) -> Record:
        row = self.records["users"][id]
        return only(row, "id", "email", "created_at") | {"meta": only(row, "fname", "lname")}

    def demand_members(self, workspace: Record, users: Iterable[int], field: str = "users") -> list[int]:
        users = list(dict.fromkeys(users))
        if any(not self.all("members", workspace=workspace["id"], user=user) for user in users):
            raise No(400, [field])
        return users

    def create_group(self, workspace: Record, body: Record) -> Record:
        users = self.demand_members(workspace, body.get("users", []))
        self.demand_unique("mgroups", None, workspace=workspace["id"], name=body["name"])
        return self.shown_group(self.add("mgroups", workspace=workspace["id"], name=body["name"], users=users))

    def update_group(self, workspace: Record, id: int, body: Record) -> Record:
        row = self.get("mgroups", workspace, id)
        users = self.demand_members(workspace, body["users"] if "users" in body else row["users"])
        self.demand_unique("mgroups", row, workspace=workspace["id"], name=body.get("name", row["name"]))
        return self.shown_group(self.change("mgroups", row, **body | {"users": users}))

    def delete_group(self, workspace: Record, id: int) -> str:
        self.remove("mgroups", self.get("mgroups", workspace, id)["id"])
        return "Group deleted successfully"

    def add_users(self, workspace: Record, id: int, users: list[int]) -> str:
        row = self.get("mgroups", workspace, id)
        new = self.demand_members(workspace, users)
        self.change("mgroups", row, users=list(dict.fromkeys([*row["users"], *new])))
        return "Users added successfully"

    def remove_users(self, workspace: Record, id: int, users: list[int]) -> str:
        row = self.get("mgroups", workspace, id)
        self.change("mgroups", row, users=[user for user in row["users"] if user not in users])
        return "Users removed successfully"

    def shown_group(self, row: Record) -> Record:
        return only(row, "id", "name", "created_at") | {"users": [self.shown_user(id) for id in row["users"]]}

    # -------- Quick tasks ------------------------------------------------------------------------

    def create_quick_task(self, workspace: Record, body: Record) -> Record:
        row = dict.fromkeys(("description", "priority", "points", "due_date", "assigned_to", "item"))
        row |= {"kind": "manual", "status": "pending", "completed_at": None}
        row |= body | {"limit_access": whole_audience(body.get("limit_access"))}
        self.check_quick_task(workspace, row, body)
        row |= {"completed_at": NOW if row["status"] == "completed" else None, "approval": None, "user": CALLER}
        return self.shown_quick_task(self.add("quick_tasks", workspace=workspace["id"], **row))

    def quick_task(self, workspace: Record, id: int) -> Record:
        row = self.get("quick_tasks", workspace, id)
        if not self.sees(workspace, row):
            raise No(404)
        return row

    def update_quick_task(self, workspace: Record, id: int, body: Record) -> Record:
        row = self.quick_task(workspace, id)
        if body.get("kind", row["kind"]) != row["kind"]:
            raise No(400, ["kind"])
        changed = row | body
        if "limit_access" in body:
            changed["limit_access"] = whole_audience(body["limit_access"])
        if body.get("approval") is not None:
            changed["status"] = "completed"
        self.check_quick_task(workspace, changed, body)
        is_done = changed["status"] == "completed"
        changed["completed_at"] = (row["completed_at"] or NOW) if is_done else None
        return self.shown_quick_task(self.change("quick_tasks", changed))

    def delete_quick_task(self, workspace: Record, id: int) -> str:
        self.remove("quick_tasks", self.quick_task(workspace, id)["id"])
        return "Quick task deleted successfully"

    def list_quick_tasks(self, workspace: Record, query: Record) -> list[Record]:
        rows = [row for row in self.all("quick_tasks", workspace=workspace["id"]) if self.sees(workspace, row)]
        return [self.shown_quick_task(row) for row in page(rows, query)]

    def sees(self, workspace: Record, row: Record) -> bool:
        me, limit = self.me(workspace), row["limit_access"]
        groups = [self.records["mgroups"][id]["users"] for id in limit["mgroups"]]
        return (
            me["type"] == "owner"
            or not any(limit.values())
            or CALLER in (row["user"], row["assigned_to"], *limit["users"])
            or me["role"] in limit["roles"]
            or any(CALLER in users for users in groups)
        )

    def check_quick_task(self, workspace: Record, row: Record, body: Record) -> None:
        faults = set()
        if row["kind"] != "approval" and body.get("approval") is not None:
            faults.add("approval")
        user = body.get("assigned_to")
        if user and not self.all("members", workspace=workspace["id"], user=user, status="active"):
            faults.add("assigned_to")
        if body.get("item") and self.find("items", workspace, body["item"]) is None:
            faults.add("item")
        limit = whole_audience(body.get("limit_access"))
        if any(not self.all("members", workspace=workspace["id"], user=user) for user in limit["users"]):
            faults.add("limit_access.users")
        for name in ("roles", "mgroups"):
            if any(self.find(name, workspace, id) is None for id in limit[name]):
                faults.add(f"limit_access.{name}")
        if faults:
            raise No(400, faults)

    def shown_quick_task(self, row: Record) -> Record:
        shown = ("id", "title", "description", "kind", "status", "priority", "points", "due_date", "limit_access")
        item = row["item"] and self.records["items"][row["item"]]
        slug = item and self.records["types"][item["item_type"]]["slug"]
        return only(row, *shown, "approval", "completed_at", "created_at") | {
            "assigned_to": row["assigned_to"] and self.shown_user(row["assigned_to"]),
            "user": self.shown_user(row["user"]),
            "item": item and only(item, "id", "reference") | {"item_type": slug},
        }

    # -------- Integrations -----------------------------------------------------------------------

    def create_integration(self, workspace: Record, body: Record) -> Record:
        id, given = body["integration"], {"changeKeys": False} | body["data"]
        data = {name: given[name] for name in ANSWERED[id] if name in given}
        found = self.all("integrations", workspace=workspace["id"], integration=id)
        if found:
            return shown_integration(self.change("integrations", found[0], data=data))
        new = {"integration": id, "data": data, "status": "active"}
        return shown_integration(self.add("integrations", workspace=workspace["id"], **new))


_TYPE_REF = ("name", "slug", "description", "icon", "color", "settings")


def only(row: Record, *members: str) -> Record:
    return {member: row[member] for member in members}


def shown_type(row: Record) -> Record:
    return only(row, "id", *_TYPE_REF, "status", "created_at")


def shown_field(row: Record) -> Record:
    shown = ("id", "name", "slug", "type", "required", "active", "defaultValue", "options", "config", "position")
    return only(row, *shown, "native", "created_at") | {"order": row["position"]}


def shown_role(row: Record) -> Record:
    return only(row, "id", "name", "description", "created_at")


def shown_integration(row: Record) -> Record:
    return only(row, "id", "data", "status", "created_at")


def page(rows: list[Record], query: Record, within: str | None = None) -> list[Record]:
    """Filters, sorts and pages records; a member that a record lacks is read from its member `within`."""

    def read(row: Record, name: str) -> Any:
        return row[name] if name in row or within is None else row[within].get(name)

    filters = {name: value for name, value in query.items() if not name.startswith("_")}
    found = [row for row in rows if all(read(row, name) == value for name, value in filters.items())]
    order = [part.split(":") for part in query.get("_sort", "id:ASC").split(",")]
    found.sort(key=lambda row: int(row["id"]), reverse=order[-1][1] == "DESC")
    for name, direction in reversed(order):
        found.sort(key=_sorted_by(read, name), reverse=direction == "DESC")
    start = query.get("_start", 0)
    limit: int = query.get("_limit", 100)
    return found[start : start + limit]


def _sorted_by(read: Callable[[Record, str], Any], name: str) -> Callable[[Record], Any]:
    def key(row: Record) -> Any:
        value = read(row, name)
        return (0,) if value is None else (1, value) if isinstance(value, (int, float)) else (2, value)

    return key


def check_field(field: Record) -> None:
    if field["type"] == "select" and not choices_of(field):
        raise No(400, ["options.choices"])
    if field["defaultValue"] is not None and not fits(field, default_of(field)):
        raise No(400, ["defaultValue"])


def choices_of(field: Record) -> list[str]:
    return (field["options"] or {}).get("choices") or field["config"].get("choices") or []


def default_of(field: Record) -> Any:
    text = field["defaultValue"]
    if field["type"] == "number" and re.fullmatch(r"-?\d+(\.\d+)?", text):
        return float(text) if "." in text else int(text)
    if field["type"] == "boolean":
        return {"true": True, "false": False}.get(text, text)
    return text


def fits(field: Record, value: Any) -> bool:
    if field["type"] == "number":
        return isinstance(value, (int, float)) and not isinstance(value, bool)
    if field["type"] == "boolean":
        return isinstance(value, bool)
    if not isinstance(value, str):
        return False
    if field["type"] == "date":
        try:
            return bool(date.fromisoformat(value)) and len(value) == 10
        except ValueError:
            return False
    if field["type"] == "select":
        return value in choices_of(field)
    pattern = {"text": r"[\s\S]*", "email": r"[^@\s]+@[^@\s]+", "url": r"https?://[^\s]+"}[field["type"]]
    return re.fullmatch(pattern, value) is not None


def bad_values(fields: list[Record], data: Record) -> set[str]:
    active = {field["slug"]: field for field in fields if field["active"]}
    return {
        f"data.{name}"
        for name, value in data.items()
        if name not in active or (value is not None and not fits(active[name], value))
    }


def whole_audience(given: Record | None) -> Record:
    return {name: list(dict.fromkeys((given or {}).get(name, []))) for name in ("users", "roles", "mgroups")}


def due_date(response_time: Record | None) -> str | None:
    if response_time is None:
        return None
    due = datetime.fromisoformat(NOW) + timedelta(seconds=response_time["value"] * UNITS[response_time["unit"]])
    return due.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def as_text(value: Any) -> str | None:
    """Renders a value as in a query."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return None if value is None else str(value)
