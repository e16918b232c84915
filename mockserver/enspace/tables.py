"""The collections of Enspace and their relations.

A record has ids where responses contain objects (`user: 64`), and nothing that can be derived from other records.
Fixtures are read in the order of the tables: a record comes after those to which it refers.
"""

from __future__ import annotations

from mockserver.state.table import Relation, Table

_STAMPS = ("created_at", "updated_at")
_NOBODY: dict[str, list[int]] = {"users": [], "roles": [], "mgroups": []}

_WORKSPACE = Relation("workspace", "workspaces", "cascade")  # R33
_ITEM_TYPE = Relation("item_type", "types", "cascade")  # R69
_FLOW = Relation("flow", "flows", "cascade")
_STAGE = Relation("stage", "stages", "cascade")
_USER = Relation("user", "users", "never")


def _audience(member: str) -> tuple[Relation, ...]:
    """R66."""
    return tuple(Relation(f"{member}.{name}", name, "take out") for name in ("users", "roles", "mgroups"))


TABLES = (
    Table("users", needed=("email", "created_at"), defaults={"fname": "", "lname": ""}, unique=(("email",),)),
    Table(
        "workspaces",
        needed=("name", "slug", *_STAMPS),
        defaults={"description": None, "icon": None, "language": "pt", "settings": {}},
        unique=(("slug",),),
        sorts=("name", "slug", *_STAMPS),
    ),
    Table(
        "api_keys",
        needed=("key", "description", "reference", "user", "scope", *_STAMPS),
        defaults={"expires_at": None},
        relations=(_USER,),
        unique=(("key",), ("reference",)),
        filters=("user",),
    ),
    Table(
        "sessions",
        needed=("token", "description", "reference", "user"),
        defaults={"expires_at": None},
        relations=(_USER,),
        unique=(("token",),),
    ),
    Table(
        "roles",
        "workspace",
        needed=("workspace", "name", *_STAMPS),
        defaults={"description": None},
        relations=(_WORKSPACE,),
        unique=(("workspace", "name"),),  # R55
        filters=("name",),
        sorts=("name", *_STAMPS),
    ),
    Table(
        "members",
        "workspace",
        needed=("workspace", "user", "type", *_STAMPS),
        defaults={"role": None, "status": "active", "v1": False, "favorite": False},
        relations=(_WORKSPACE, _USER, Relation("role", "roles", "clear")),  # R57
        unique=(("workspace", "user"),),
        filters=("type", "status", "role", "user"),
        sorts=("type", "status", "role", *_STAMPS),
    ),
    Table(
        "mgroups",
        "workspace",
        needed=("workspace", "name", *_STAMPS),
        defaults={"users": []},
        relations=(_WORKSPACE, Relation("users", "users", "take out")),
        unique=(("workspace", "name"),),  # R62
        filters=("name",),
        sorts=("name", *_STAMPS),
    ),
    Table(
        "types",
        "workspace",
        needed=("workspace", "name", "slug", *_STAMPS),
        defaults={"description": None, "icon": None, "color": None, "settings": {}, "status": "active"},
        relations=(_WORKSPACE,),
        unique=(("workspace", "slug"),),  # R67
        filters=("name", "slug", "status"),
        sorts=("name", "slug", "status", *_STAMPS),
    ),
    Table(
        "fields",
        "item_type",
        needed=("workspace", "item_type", "name", "slug", "type", "position", *_STAMPS),
        defaults={"required": False, "defaultValue": None, "options": None, "active": True, "config": {}}
        | {"native": False},  # R72, R74
        relations=(_WORKSPACE, _ITEM_TYPE),
        unique=(("item_type", "slug"),),  # R71
        filters=("type", "required", "active"),
        sorts=("position", "name", "slug", "type", *_STAMPS),
    ),
    Table(
        "forms",
        "workspace",
        needed=("workspace", "item_type", "name", "slug", "status", "is_create", "fields", "user", *_STAMPS),
        defaults={"description": None, "settings": {}},
        relations=(_WORKSPACE, _ITEM_TYPE, _USER),
        unique=(("item_type", "slug"),),
        filters=("item_type", "status", "is_create"),
        sorts=("name", "slug", "status", *_STAMPS),
    ),
    Table(
        "permissions",
        "role",
        needed=("workspace", "role", "area", "action", *_STAMPS),
        defaults={"item_type": None, "form": None, "field": None},
        relations=(
            _WORKSPACE,
            Relation("role", "roles", "cascade"),  # R57
            _ITEM_TYPE,
            Relation("form", "forms", "cascade"),
            Relation("field", "fields", "cascade"),
        ),
        unique=(("role", "area", "action", "item_type", "form", "field"),),  # R58
        sorts=("area", "action", *_STAMPS),
    ),
    Table(
        "flows",
        "workspace",
        needed=("workspace", "item_type", "name", "status", "start_type", "icon", "user", *_STAMPS),
        relations=(_WORKSPACE, _ITEM_TYPE, _USER),
        filters=("item_type", "status", "start_type"),
        sorts=("name", "status", "start_type", *_STAMPS),
    ),
    Table(
        "stages",
        "workspace",
        needed=(
            *("workspace", "item_type", "flow", "name", "status", "progress_type", "is_start", "hex_color", "icon"),
            *("user", *_STAMPS),
        ),
        relations=(_WORKSPACE, _ITEM_TYPE, _FLOW, _USER),
        filters=("item_type", "flow", "status", "is_start"),
        sorts=("name", "status", *_STAMPS),
    ),
    Table(
        "integrations",
        "workspace",
        needed=("workspace", "integration", "data", *_STAMPS),
        defaults={"secrets": {}, "status": "active"},  # R107
        relations=(_WORKSPACE,),
        unique=(("workspace", "integration"),),  # R109
        filters=("status",),
        sorts=("integration", "status", *_STAMPS),
    ),
    Table(
        "tasks",
        "workspace",
        needed=("workspace", "item_type", "flow", "stage", "name", "action", "user", *_STAMPS),
        defaults={"description": None, "status": "active", "settings": {}, "assignees": _NOBODY, "response_time": None}
        | {"success_trigger": None, "error_trigger": None, "conditions": []},
        relations=(_WORKSPACE, _ITEM_TYPE, _FLOW, _STAGE, _USER, *_audience("assignees")),
        filters=("item_type", "flow", "stage", "status", "action"),
        sorts=("name", "status", "action", *_STAMPS),
    ),
    Table(
        "items",
        "item_type",
        needed=("workspace", "item_type", "reference", "data", "user", *_STAMPS),
        defaults={"form": None, "stage": None, "status": "active"},
        relations=(
            _WORKSPACE,
            _ITEM_TYPE,
            _USER,
            Relation("form", "forms", "clear"),
            Relation("stage", "stages", "clear"),
        ),
        unique=(("workspace", "reference"),),  # R82
        filters=("status", "reference", "form", "stage"),
        sorts=("reference", "status", *_STAMPS),
    ),
    Table(
        "schedule_tasks",
        "workspace",
        needed=("workspace", "item_type", "flow", "stage", "task", "item", "user", *_STAMPS),
        defaults={"status": "pending", "due_date": None, "completed_at": None},
        relations=(
            *(_WORKSPACE, _ITEM_TYPE, _FLOW, _STAGE, _USER),
            Relation("task", "tasks", "cascade"),
            Relation("item", "items", "cascade"),  # R85
        ),
        filters=("item_type", "flow", "stage", "task", "item", "status"),
        sorts=("status", "due_date", *_STAMPS),
    ),
    Table(
        "quick_tasks",
        "workspace",
        needed=("workspace", "title", "user", *_STAMPS),
        defaults={"description": None, "kind": "manual", "status": "pending", "priority": None, "points": None}  # R95
        | {"due_date": None, "assigned_to": None, "limit_access": _NOBODY, "item": None, "approval": None}
        | {"completed_at": None},
        relations=(
            *(_WORKSPACE, _USER),
            Relation("assigned_to", "users", "never"),
            Relation("item", "items", "clear"),  # R85
            *_audience("limit_access"),
        ),
        filters=("status", "priority", "kind", "approval", "assigned_to", "item"),
        sorts=("title", "status", "priority", "points", "due_date", *_STAMPS),
    ),
)

# The member of each collection that a client sends as its secret.
SECRETS = {"api_keys": "key", "sessions": "token"}

# The collections that Workspace Statistics and Workspace Deletion Preview count. Inferred.
COUNTED = (
    *("types", "fields", "items", "flows", "stages", "tasks", "forms", "members", "roles", "mgroups"),
    *("quick_tasks", "schedule_tasks", "integrations"),
)
