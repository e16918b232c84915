"""Views: how a row of a table is answered, with its relations as objects."""

from __future__ import annotations

from typing import Any

from tests.traffic.reference.records import PROVIDERS, TABLES, Json, Workspace, World


class View:
    """The views of one workspace of a world."""

    def __init__(self, world: World, workspace: Workspace) -> None:
        self.world, self.workspace = world, workspace

    def of(self, table: str, row: Json) -> Json:
        """The answer for a row."""
        made: Json = getattr(self, f"_{table}")(row)
        return made

    def user(self, id: int) -> Json:
        return self.world.users[id]

    def type_named(self, slug: str) -> Json:
        return next(row for row in self.workspace.tables["types"].values() if row["slug"] == slug)

    def detail(self, row: Json) -> Json:
        """A type with its fields."""
        fields = sorted(self.workspace.rows("fields", item_type=row["slug"]), key=lambda f: (f["position"], f["id"]))
        return row | {"fields": [self._fields(field) for field in fields]}

    def flow_detail(self, row: Json) -> Json:
        """A flow with its stages, the start stage first."""
        stages = sorted(self.workspace.rows("stages", flow=row["id"]), key=lambda stage: not stage["is_start"])
        return self._flows(row) | {"stages": [self._stage_ref(stage["id"]) for stage in stages]}

    def workspace_row(self) -> Json:
        """The workspace as its caller sees it."""
        member = self.own_member()
        kind = member["type"] if member else "viewer"
        return self.workspace.row | {"member_type": kind, "favorite": bool(self.workspace.row["id"] == "123")}

    def own_member(self) -> Json | None:
        """The row of the caller's membership."""
        return next(iter(self.workspace.rows("members", user=self.world.caller)), None)

    def counts(self) -> Json:
        return {name: len(self.workspace.tables[name]) for name in TABLES if name != "permissions"}

    def _types(self, row: Json) -> Json:
        return row

    def _fields(self, row: Json) -> Json:
        return _without(row, "item_type")

    def _items(self, row: Json) -> Json:
        named = {"item_type": self._type_ref(row["item_type"]), "user": self.user(row["user"])}
        stage = self._stage_ref(row["stage"]) if row["stage"] else None
        form = self._picked("forms", row["form"], "id", "name", "slug") if row["form"] else None
        return row | named | {"stage": stage, "form": form}

    def _flows(self, row: Json) -> Json:
        return row | {"item_type": self._type_ref(row["item_type"]), "user": self.user(row["user"])}

    def _stages(self, row: Json) -> Json:
        flow = self._flows(self.workspace.tables["flows"][row["flow"]])
        tasks = [self._tasks(task) for task in self.workspace.rows("tasks", stage=row["id"])]
        return self._flows(row) | {"flow": flow, "tasks": tasks}

    def _tasks(self, row: Json) -> Json:
        return self._flows(row) | {"stage": self._stage_ref(row["stage"]), "flow": self._flow_ref(row["flow"])}

    def _forms(self, row: Json) -> Json:
        return self._flows(row)

    def _members(self, row: Json) -> Json:
        user = self.user(row["user"])
        return row | {"user": user, "email": user["email"]}

    def _roles(self, row: Json) -> Json:
        return row

    def _permissions(self, row: Json) -> Json:
        return row

    def _mgroups(self, row: Json) -> Json:
        return row | {"users": [self.user(id) for id in row["users"]]}

    def _quick_tasks(self, row: Json) -> Json:
        assigned = self.user(row["assigned_to"]) if row["assigned_to"] else None
        item = self._picked("items", row["item"], "id", "reference", "item_type") if row["item"] else None
        return row | {"user": self.user(row["user"]), "assigned_to": assigned, "item": item}

    def _schedule_tasks(self, row: Json) -> Json:
        item = self._picked("items", row["item"], "id", "reference", "item_type")
        return self._tasks(row) | {"task": self._picked("tasks", row["task"], "id", "name", "action"), "item": item}

    def _integrations(self, row: Json) -> Json:
        name, slug = PROVIDERS[row["integration"]]
        keys = {key: f"integrations.{slug}.{key}" for key in ("description", "category")}
        times = {"created_at": "2025-06-17T15:40:10.353Z", "updated_at": "2025-06-17T15:40:10.353Z"}
        provider: Json = {"id": row["integration"], "name": name, "slug": slug, **keys, **times, "media": []}
        return _without(row, "secrets") | {"integration": provider}

    def _type_ref(self, slug: str) -> Json:
        return _without(self.type_named(slug), "id", "status", "created_at", "updated_at")

    def _stage_ref(self, id: int) -> Json:
        names = ("id", "name", "status", "progress_type", "is_start", "hex_color", "icon")
        return self._picked("stages", id, *names)

    def _flow_ref(self, id: int) -> Json:
        return self._picked("flows", id, "id", "name", "status", "start_type", "icon")

    def _picked(self, table: str, id: int, *names: str) -> Json:
        row = self.workspace.tables[table][id]
        return {name: row[name] for name in names}


def _without(row: Json, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
