"""Random calls to the server and to a plain model of it, whose answers have to be equal.

MODEL_RUNS runs of MODEL_STEPS calls in memory, which find what the rules get wrong, and a third of them for each other
kind of store, which find what a store gets wrong.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.state.client import Client, served
from tests.state.model import ANSWERED, NOBODY, NOW, SLUGS, Model, No, Record
from tests.state.references import dangling

RUNS = int(os.environ.get("MODEL_RUNS", "30"))
STEPS = int(os.environ.get("MODEL_STEPS", "50"))
KEPT = 40

# Index of a record, counted from the newest; 40 is a record that does not exist.
PICK = st.integers(0, 40)
# Mostly company-abc, which the caller owns, then its other workspaces, then one outside the scope of the key.
PLACE = st.sampled_from(["company-abc"] * 6 + ["financeiro-abc"] * 2 + ["newest"] * 3 + ["rh-abc"])

NAMES = st.sampled_from(list(SLUGS))
TITLES = st.sampled_from(["Financeiro", "Gestor", "Leitor", "Auditoria", "Gerência"])
TEXTS = st.sampled_from([None, "", "Açúcar & café", "x" * 300])
STATUS = st.sampled_from(["active", "inactive"])
TYPES = st.sampled_from(["text", "number", "date", "select", "boolean", "email", "url"])
DEFAULTS = st.sampled_from([None, None, "12", "1.5", "true", "a", "2026-02-28", "ana@abc.com.br"])
CHOICES = st.sampled_from([{"choices": ["a", "b"]}, {"choices": ["b"]}, {"choices": []}, {}])
EMAILS = st.sampled_from(
    [f"{name}@yourcompany.com.br" for name in ("joao.pereira", "bruno.lima", "nova.pessoa", "outra.pessoa")]
)
MEMBER_TYPES = st.sampled_from(["full", "standard", "viewer"])
PAGES = st.fixed_dictionaries({}, optional={"_start": st.integers(0, 4), "_limit": st.integers(1, 6)})
# Two valid values of each type of field, then an invalid one.
VALUES: dict[str, list[Any]] = {
    "text": ["CT-1", "", 5],
    "number": [12, 1.5, "12"],
    "date": ["2026-02-28", "2024-02-29", "2026-02-29"],
    "select": ["a", "b", "z"],
    "boolean": [True, False, "true"],
    "email": ["ana@abc.com.br", "b@abc.com.br", "ana"],
    "url": ["https://abc.com.br/a", "http://b.com.br", "abc"],
}


def body(optional: dict[str, st.SearchStrategy[Any]], **needed: st.SearchStrategy[Any]) -> st.SearchStrategy[Record]:
    return st.fixed_dictionaries(needed, optional=optional)


FIELD = {"required": st.booleans(), "active": st.booleans(), "defaultValue": DEFAULTS, "options": CHOICES} | {
    **{"position": st.integers(0, 9), "order": st.integers(0, 9), "config": CHOICES}
}
TASK = {
    "description": TEXTS,
    "status": st.sampled_from(["pending", "in_progress", "completed", "canceled"]),
    "priority": st.sampled_from([None, "low", "medium", "high"]),
    "points": st.sampled_from([None, 0, 5]),
    "due_date": st.sampled_from([None, "2026-03-20T18:00:00.000Z"]),
    "kind": st.sampled_from(["manual", "approval", "form"]),
    "approval": st.sampled_from([None, "approved", "rejected"]),
}
LINKS = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("assigned_to", "item", "limited_to_user", "limited_to_role", "limited_to"), PICK)
)


class RandomCalls(RuleBasedStateMachine):
    """Calls of one client in its own sandbox, each answered by the server and then by the model."""

    client: ClassVar[Client]
    start: ClassVar[dict[str, list[Record]]]
    # Dumps of the first sandboxes by key; those are not dropped.
    kept: ClassVar[dict[str, Any]]

    def __init__(self) -> None:
        super().__init__()
        made = self.client.post("/_mock/sandboxes", json={"clock": NOW}).json()
        self.sandbox, self.key = made["name"], made["api_key"]
        self.model = Model(self.start)
        self.stamps: dict[str, str] = {}

    def teardown(self) -> None:
        state = self.client.get("/_mock/state", headers={"x-api-key": self.key}).json()
        if len(self.kept) < KEPT:
            self.kept[self.key] = state
        else:
            self.client.delete(f"/_mock/sandboxes/{self.sandbox}")
        assert dangling(state) == []
        for name in self.model.records:
            assert [comparable(row) for row in state[name]] == [comparable(row) for row in self.model.all(name)], name

    # -------- One call ---------------------------------------------------------------------------

    def call(
        self,
        method: str,
        path: str,
        expected: Callable[[Any], Any],
        json: Any = None,
        workspace: str | None = None,
        **params: Any,
    ) -> None:
        headers = {"x-api-key": self.key} | ({"en-workspace": workspace} if workspace else {})
        answer = self.client.request(method, path, headers=headers, json=json, params=params)
        received: Any = answer.json()
        try:
            wanted = expected(received)
        except No as no:
            refused = no
        else:
            assert answer.status_code < 300, (received, "the model allows it")
            assert matches(received, wanted), (received, wanted)
            self.note_stamps(method, path, received)
            return
        assert answer.status_code == refused.status, (received, "the model refuses it")
        assert {fault["field"] for fault in received.get("data", [])} == refused.fields, received

    def note_stamps(self, method: str, path: str, received: Any) -> None:
        """R21."""
        if method == "PUT":
            assert received["created_at"] <= received["updated_at"]
            assert received["updated_at"] > self.stamps.get(path, "")
            self.stamps[path] = received["updated_at"]

    def call_in(
        self, method: str, place: str, path: str, expected: Callable[..., Any], json: Any = None, **params: Any
    ) -> None:
        """Makes a call in a workspace; `expected` takes the record of the workspace."""
        slug = self.slug(place)
        self.call(method, path, lambda _: expected(self.model.enter(slug)), json, slug, **params)

    def slug(self, place: str) -> str:
        slugs = self.model.all("api_keys")[0]["scope"]["workspaces"]
        return slugs[-1] if place == "newest" and slugs else place

    def rows(self, table: str, place: str) -> list[Record]:
        workspace = self.model.all("workspaces", slug=self.slug(place))
        return self.model.all(table, workspace=workspace[0]["id"]) if workspace else []

    def one(self, table: str, place: str, pick: int) -> Record:
        rows = self.rows(table, place)
        return rows[-1 - pick % len(rows)] if rows and pick < 40 else {"id": NOBODY}

    def id(self, table: str, place: str, pick: int) -> int:
        return int(self.one(table, place, pick)["id"])

    def user(self, place: str, pick: int) -> int:
        user: int = self.one("members", place, pick).get("user", 65)
        return user

    def type_slug(self, place: str, pick: int) -> str:
        slug: str = self.one("types", place, pick).get("slug", "nenhum")
        return slug

    def field_of(self, place: str, slug: str, pick: int) -> int:
        rows = self.fields_of(place, slug)
        return int(rows[-1 - pick % len(rows)]["id"]) if rows and pick < 40 else self.id("fields", place, pick)

    def fields_of(self, place: str, slug: str) -> list[Record]:
        types = [row["id"] for row in self.rows("types", place) if row["slug"] == slug]
        return self.model.all("fields", item_type=types[0]) if types else []

    def item(self, place: str, pick: int) -> tuple[str, str]:
        row = self.one("items", place, pick)
        if "reference" not in row:
            return "contratos", "NoSuchReference0"
        return self.model.records["types"][row["item_type"]]["slug"], row["reference"]

    def values(self, place: str, slug: str, choices: list[int]) -> Record:
        """Chooses a value for each field: below 9 a valid one, 9 an invalid one, 10 null, above 10 none."""
        data: Record = {}
        for field, choice in zip(self.fields_of(place, slug), choices, strict=False):
            if choice < 9:
                good = [*VALUES[field["type"]][:2], VALUES[field["type"]][choice % 2]]
                data[field["slug"]] = good[choice % 3] if field["type"] != "select" else self.choice(field, choice)
            elif choice < 11:
                data[field["slug"]] = [VALUES[field["type"]][2], None][choice - 9]
        return data

    def choice(self, field: Record, choice: int) -> Any:
        choices = (field["options"] or {}).get("choices") or field["config"].get("choices") or ["a"]
        return choices[choice % len(choices)]

    # -------- Types and fields -------------------------------------------------------------------

    @rule(place=PLACE, body=body({"slug": st.sampled_from(["contratos", "novo", "count"]), "icon": TEXTS}, name=NAMES))
    def create_type(self, place: str, body: Record) -> None:
        self.call_in("POST", place, "/ws/types", lambda workspace: self.model.create_type(workspace, body), body)

    @rule(place=PLACE, pick=PICK, body=body({"description": TEXTS, "status": STATUS, "slug": st.just("novo")}))
    def update_type(self, place: str, pick: int, body: Record) -> None:
        slug, body = self.type_slug(place, pick), body or {"color": None}
        self.call_in(
            "PUT", place, f"/ws/types/{slug}", lambda workspace: self.model.update_type(workspace, slug, body), body
        )

    @rule(place=PLACE, pick=PICK)
    def delete_type(self, place: str, pick: int) -> None:
        slug = self.type_slug(place, pick)
        self.call_in("DELETE", place, f"/ws/types/{slug}", lambda workspace: self.model.delete_type(workspace, slug))

    @rule(place=PLACE, pick=PICK)
    def get_type(self, place: str, pick: int) -> None:
        slug = self.type_slug(place, pick)
        self.call_in("GET", place, f"/ws/types/{slug}", lambda workspace: self.model.get_type(workspace, slug))

    @rule(place=PLACE, query=body({"status": STATUS, "name": NAMES}))
    def count_types(self, place: str, query: Record) -> None:
        def count(workspace: Record) -> int:
            return len(self.model.all("types", workspace=workspace["id"], **query))

        self.call_in("GET", place, "/ws/types/count", count, **query)

    @rule(place=PLACE, pick=PICK, type=TYPES, number=st.integers(0, 5), body=body(FIELD))
    def create_field(self, place: str, pick: int, type: str, number: int, body: Record) -> None:
        slug, body = self.type_slug(place, pick), body | {"type": type, "name": "Campo", "slug": f"campo_{number}"}
        path = f"/ws/types/{slug}/fields"
        self.call_in("POST", place, path, lambda workspace: self.model.create_field(workspace, slug, body), body)

    @rule(place=PLACE, pick=PICK, which=PICK, body=body({**FIELD, "type": TYPES, "name": st.just("Outro")}))
    def update_field(self, place: str, pick: int, which: int, body: Record) -> None:
        slug, body = self.type_slug(place, pick), body or {"required": True}
        id = self.field_of(place, slug, which)
        path = f"/ws/types/{slug}/fields/{id}"
        self.call_in("PUT", place, path, lambda workspace: self.model.update_field(workspace, slug, id, body), body)

    @rule(place=PLACE, pick=PICK, which=PICK)
    def delete_field(self, place: str, pick: int, which: int) -> None:
        slug = self.type_slug(place, pick)
        id = self.field_of(place, slug, which)
        path = f"/ws/types/{slug}/fields/{id}"
        self.call_in("DELETE", place, path, lambda workspace: self.model.delete_field(workspace, slug, id))

    @rule(
        place=PLACE, pick=PICK, query=body({"type": TYPES, "_sort": st.sampled_from(["name:DESC", "type:ASC,id:DESC"])})
    )
    def list_fields(self, place: str, pick: int, query: Record) -> None:
        slug = self.type_slug(place, pick)
        path = f"/ws/types/{slug}/fields"
        self.call_in("GET", place, path, lambda workspace: self.model.list_fields(workspace, slug, query), **query)

    # -------- Items ------------------------------------------------------------------------------

    @rule(place=PLACE, pick=PICK, form=st.one_of(st.none(), PICK), choices=st.lists(st.integers(0, 9), max_size=9))
    def create_item(self, place: str, pick: int, form: int | None, choices: list[int]) -> None:
        type = self.type_slug(place, pick)
        body = {"data": self.values(place, type, choices)} | (
            {} if form is None else {"form": self.id("forms", place, form)}
        )
        self.create(place, type, body)

    @rule(place=PLACE, pick=PICK)
    def create_whole_item(self, place: str, pick: int) -> None:
        type = self.type_slug(place, pick)
        active = [field for field in self.fields_of(place, type) if field["active"]]
        data = {
            field["slug"]: self.choice(field, pick) if field["type"] == "select" else VALUES[field["type"]][pick % 2]
            for field in active
        }
        self.create(place, type, {"data": data, "status": ["active", "inactive"][pick % 2]})

    def create(self, place: str, type: str, body: Record) -> None:
        slug, taken = self.slug(place), {row["reference"] for row in self.model.all("items")}

        def expected(received: Any) -> Any:
            reference = received.get("reference", "")
            wanted = self.model.create_item(self.model.enter(slug), type, body, reference)
            assert re.fullmatch(r"[A-Za-z0-9]{16}", reference)
            assert reference not in taken
            return wanted

        self.call("POST", f"/ws/types/{type}/items", expected, body, slug)

    @rule(place=PLACE, pick=PICK, choices=st.lists(st.integers(0, 19), max_size=9), status=st.one_of(st.none(), STATUS))
    def update_item(self, place: str, pick: int, choices: list[int], status: str | None) -> None:
        slug, reference = self.item(place, pick)
        body = {"data": self.values(place, slug, choices)} | ({"status": status} if status else {})
        path = f"/ws/types/{slug}/items/{reference}"
        self.call_in(
            "PUT", place, path, lambda workspace: self.model.update_item(workspace, slug, reference, body), body
        )

    @rule(place=PLACE, pick=PICK)
    def delete_item(self, place: str, pick: int) -> None:
        slug, reference = self.item(place, pick)
        path = f"/ws/types/{slug}/items/{reference}"
        self.call_in("DELETE", place, path, lambda workspace: self.model.delete_item(workspace, slug, reference))

    @rule(place=PLACE, pick=PICK)
    def get_item(self, place: str, pick: int) -> None:
        slug, reference = self.item(place, pick)
        path = f"/ws/types/{slug}/items/{reference}"
        self.call_in(
            "GET", place, path, lambda workspace: self.model.shown_item(self.model.item(workspace, slug, reference))
        )

    @rule(place=PLACE, pick=PICK, which=PICK, page=PAGES, descending=st.booleans(), is_count=st.booleans())
    def list_items(self, place: str, pick: int, which: int, page: Record, descending: bool, is_count: bool) -> None:
        slug, fields = self.type_slug(place, pick), self.fields_of(place, self.type_slug(place, pick))
        query: Record = {"status": "active"} if which % 3 else {}
        if fields and which % 2:
            value = VALUES[fields[which % len(fields)]["type"]][which % 3]
            query[fields[which % len(fields)]["slug"]] = str(value).lower() if isinstance(value, bool) else str(value)
        if not is_count:
            sorts = [f["slug"] for f in fields if f["slug"].isalpha()] or ["created_at"]
            query |= page | {"_sort": f"{sorts[pick % len(sorts)]}:{'DESC' if descending else 'ASC'}"}
            path = f"/ws/types/{slug}/items"
            self.call_in("GET", place, path, lambda workspace: self.model.list_items(workspace, slug, query), **query)
        else:
            path = f"/ws/types/{slug}/items/count"
            whole = query | {"_limit": NOBODY}
            self.call_in(
                "GET", place, path, lambda workspace: len(self.model.list_items(workspace, slug, whole)), **query
            )

    @rule(
        place=PLACE,
        page=PAGES,
        query=body({"status": st.sampled_from(["pending", "completed"])}),
        descending=st.booleans(),
    )
    def list_schedule_tasks(self, place: str, page: Record, query: Record, descending: bool) -> None:
        query = query | page | {"_sort": f"due_date:{'DESC' if descending else 'ASC'}"}
        self.call_in(
            "GET",
            place,
            "/c-schedule-tasks",
            lambda workspace: self.model.list_schedule_tasks(workspace, query),
            **query,
        )

    # -------- Roles and permissions --------------------------------------------------------------

    @rule(place=PLACE, body=body({"description": TEXTS}, name=TITLES))
    def create_role(self, place: str, body: Record) -> None:
        self.call_in("POST", place, "/ws/roles", lambda workspace: self.model.create_role(workspace, body), body)

    @rule(place=PLACE, pick=PICK, body=body({"description": TEXTS, "name": TITLES}))
    def update_role(self, place: str, pick: int, body: Record) -> None:
        id, body = self.id("roles", place, pick), body or {"description": None}
        self.call_in(
            "PUT", place, f"/ws/roles/{id}", lambda workspace: self.model.update_role(workspace, id, body), body
        )

    @rule(place=PLACE, pick=PICK)
    def delete_role(self, place: str, pick: int) -> None:
        id = self.id("roles", place, pick)
        self.call_in("DELETE", place, f"/ws/roles/{id}", lambda workspace: self.model.delete_role(workspace, id))

    @rule(place=PLACE, pick=PICK)
    def list_permissions(self, place: str, pick: int) -> None:
        id = self.id("roles", place, pick)
        self.call_in(
            "GET", place, f"/ws/roles/{id}/permissions", lambda workspace: self.model.list_permissions(workspace, id)
        )

    @rule(
        place=PLACE,
        pick=PICK,
        area=st.sampled_from(["items", "items", "items", "tasks", "settings", "ai"]),
        body=body({"action": st.sampled_from(["read", "create"]), "item_type": PICK, "form": PICK, "field": PICK}),
    )
    def add_permission(self, place: str, pick: int, area: str, body: Record) -> None:
        id = self.id("roles", place, pick)
        body = body | {"area": area}
        body |= {"item_type": self.type_slug(place, body["item_type"])} if "item_type" in body else {}
        body |= {name: self.id(f"{name}s", place, body[name]) for name in ("form", "field") if name in body}
        path = f"/ws/roles/{id}/permissions"
        self.call_in("POST", place, path, lambda workspace: self.model.add_permission(workspace, id, body), body)

    @rule(place=PLACE, pick=PICK, is_of_another=st.booleans())
    def remove_permission(self, place: str, pick: int, is_of_another: bool) -> None:
        row = self.one("permissions", place, pick)
        id, role = row["id"], self.id("roles", place, pick) if is_of_another else row.get("role", NOBODY)
        path = f"/ws/roles/{role}/permissions/{id}"
        self.call_in("DELETE", place, path, lambda workspace: self.model.remove_permission(workspace, role, id))

    # -------- Members and groups -----------------------------------------------------------------

    @rule(
        place=PLACE,
        body=body(
            {"role": PICK, "mgroups": st.lists(PICK, max_size=2), "fname": st.just("Íris")}
            | {"v1_compatibility": st.booleans()},
            email=EMAILS,
            type=MEMBER_TYPES,
        ),
    )
    def create_member(self, place: str, body: Record) -> None:
        body = body | ({"role": self.id("roles", place, body["role"])} if "role" in body else {})
        if "mgroups" in body:
            body["mgroups"] = [self.id("mgroups", place, pick) for pick in body["mgroups"]]
        self.call_in("POST", place, "/ws/members", lambda workspace: self.model.create_member(workspace, body), body)

    @rule(
        place=PLACE,
        pick=PICK,
        body=body(
            {"type": MEMBER_TYPES, "status": st.sampled_from(["active", "inactive", "blocked"])}
            | {"role": st.one_of(st.none(), PICK), "v1_compatibility": st.booleans()}
        ),
    )
    def update_member(self, place: str, pick: int, body: Record) -> None:
        row, body = self.one("members", place, pick), body or {"role": None}
        if row.get("user") == 64 and row["type"] != "owner":
            return  # the caller would lose its own rights
        id = row["id"]
        if body.get("role") is not None:
            body = body | {"role": self.id("roles", place, body["role"])}
        self.call_in(
            "PUT", place, f"/ws/members/{id}", lambda workspace: self.model.update_member(workspace, id, body), body
        )

    @rule(place=PLACE, pick=PICK)
    def remove_member(self, place: str, pick: int) -> None:
        row = self.one("members", place, pick)
        if row.get("user") == 64 and row["type"] != "owner":
            return
        id = row["id"]
        self.call_in("DELETE", place, f"/ws/members/{id}", lambda workspace: self.model.remove_member(workspace, id))

    @rule(place=PLACE, page=PAGES, query=body({"type": MEMBER_TYPES, "email": EMAILS}), is_count=st.booleans())
    def list_members(self, place: str, page: Record, query: Record, is_count: bool) -> None:
        if is_count:
            path = "/ws/members/count"
            self.call_in("GET", place, path, lambda workspace: len(self.model.list_members(workspace, query)), **query)
        else:
            query = query | page | {"_sort": "type:DESC"}
            self.call_in(
                "GET", place, "/ws/members", lambda workspace: self.model.list_members(workspace, query), **query
            )

    @rule(place=PLACE, name=TITLES, users=st.lists(PICK, max_size=3))
    def create_group(self, place: str, name: str, users: list[int]) -> None:
        body = {"name": name, "users": [self.user(place, pick) for pick in users]}
        self.call_in("POST", place, "/ws/mgroups", lambda workspace: self.model.create_group(workspace, body), body)

    @rule(place=PLACE, pick=PICK, body=body({"name": TITLES, "users": st.lists(PICK, max_size=3)}))
    def update_group(self, place: str, pick: int, body: Record) -> None:
        id, body = self.id("mgroups", place, pick), body or {"users": []}
        body = body | {"users": [self.user(place, pick) for pick in body.get("users", [])]}
        self.call_in(
            "PUT", place, f"/ws/mgroups/{id}", lambda workspace: self.model.update_group(workspace, id, body), body
        )

    @rule(place=PLACE, pick=PICK)
    def delete_group(self, place: str, pick: int) -> None:
        id = self.id("mgroups", place, pick)
        self.call_in("DELETE", place, f"/ws/mgroups/{id}", lambda workspace: self.model.delete_group(workspace, id))

    @rule(place=PLACE, pick=PICK, users=st.lists(PICK, min_size=1, max_size=3), is_removal=st.booleans())
    def change_users(self, place: str, pick: int, users: list[int], is_removal: bool) -> None:
        id, ids = self.id("mgroups", place, pick), list(dict.fromkeys(self.user(place, user) for user in users))
        path = f"/ws/mgroups/{id}/users"
        if is_removal:
            joined = ",".join(map(str, ids))
            self.call_in(
                "DELETE", place, path, lambda workspace: self.model.remove_users(workspace, id, ids), users=joined
            )
        else:
            self.call_in(
                "POST", place, path, lambda workspace: self.model.add_users(workspace, id, ids), {"users": ids}
            )

    # -------- Quick tasks ------------------------------------------------------------------------

    def linked(self, place: str, body: Record, links: Record) -> Record:
        """Replaces the picks of a body by ids."""
        body = dict(body)
        if "assigned_to" in links:
            body["assigned_to"] = self.user(place, links["assigned_to"])
        if "item" in links:
            body["item"] = self.id("items", place, links["item"])
        limit: dict[str, list[int]] = {}
        if "limited_to_user" in links:
            limit["users"] = [self.user(place, links["limited_to_user"])]
        if "limited_to_role" in links:
            limit["roles"] = [self.id("roles", place, links["limited_to_role"])]
        if "limited_to" in links:
            limit["mgroups"] = [self.id("mgroups", place, links["limited_to"])]
        if limit:
            body["limit_access"] = {"users": [], "roles": [], "mgroups": []} | limit
        return body

    @rule(place=PLACE, body=body(TASK), links=LINKS)
    def create_quick_task(self, place: str, body: Record, links: Record) -> None:
        body = self.linked(place, {"title": "Ligar"} | body, links)
        self.call_in(
            "POST", place, "/c-quick-tasks", lambda workspace: self.model.create_quick_task(workspace, body), body
        )

    @rule(place=PLACE, pick=PICK, body=body(TASK), links=LINKS)
    def update_quick_task(self, place: str, pick: int, body: Record, links: Record) -> None:
        id, body = self.id("quick_tasks", place, pick), self.linked(place, body, links) or {"title": "Outro"}
        path = f"/c-quick-tasks/{id}"
        self.call_in("PUT", place, path, lambda workspace: self.model.update_quick_task(workspace, id, body), body)

    @rule(place=PLACE, pick=PICK)
    def delete_quick_task(self, place: str, pick: int) -> None:
        id = self.id("quick_tasks", place, pick)
        self.call_in(
            "DELETE", place, f"/c-quick-tasks/{id}", lambda workspace: self.model.delete_quick_task(workspace, id)
        )

    @rule(place=PLACE, page=PAGES, query=body({"status": TASK["status"], "kind": TASK["kind"]}), is_count=st.booleans())
    def list_quick_tasks(self, place: str, page: Record, query: Record, is_count: bool) -> None:
        if is_count:
            path = "/c-quick-tasks/count"
            self.call_in(
                "GET", place, path, lambda workspace: len(self.model.list_quick_tasks(workspace, query)), **query
            )
        else:
            query = query | page | {"_sort": "points:DESC,title:ASC"}
            self.call_in(
                "GET", place, "/c-quick-tasks", lambda workspace: self.model.list_quick_tasks(workspace, query), **query
            )

    # -------- Integrations and workspaces --------------------------------------------------------

    @rule(place=PLACE, id=st.sampled_from(sorted(ANSWERED)), change=st.booleans())
    def create_integration(self, place: str, id: int, change: bool) -> None:
        data: Record = {"changeKeys": change} if change else {}
        data |= {"phone_number": "21 99999-9999"} if id == 6 else {"environment": "stage", "unknown": 1}
        if id == 4:
            data |= {"api_key": "SG.x", "from_email": "a@abc.com.br", "from_name": "ABC"}
        body = {"integration": id, "data": data}
        self.call_in(
            "POST", place, "/integrations", lambda workspace: self.model.create_integration(workspace, body), body
        )

    @rule(
        body=body({"language": st.sampled_from(["pt", "en"]), "slug": st.sampled_from(["rh-abc", "novo"])}, name=NAMES)
    )
    def create_workspace(self, body: Record) -> None:
        self.call("POST", "/ws", lambda _: self.model.create_workspace(body), body)

    @rule(place=st.sampled_from(["newest", "newest", "newest", "financeiro-abc", "rh-abc"]), really=st.integers(0, 3))
    def delete_workspace(self, place: str, really: int) -> None:
        if really or self.slug(place) != "company-abc":
            self.call_in("DELETE", place, "/ws", lambda workspace: self.model.delete_workspace(workspace))

    @rule(page=PAGES, sort=st.sampled_from(["name:ASC", "id:DESC"]))
    def list_workspaces(self, page: Record, sort: str) -> None:
        query = page | {"_sort": sort}
        self.call("GET", "/ws", lambda _: self.model.list_workspaces(query), **query)

    @rule(place=PLACE)
    def stats(self, place: str) -> None:
        self.call_in("GET", place, "/ws/stats", self.model.stats)

    # -------- The whole sandbox ------------------------------------------------------------------

    @rule(really=st.integers(0, 2))
    def reset(self, really: int) -> None:
        if not really:
            self.call("POST", "/_mock/reset", lambda _: self.model.back_to(self.model.origin))
            self.stamps.clear()

    @rule(name=st.sampled_from(["a", "b"]))
    def snapshot(self, name: str) -> None:
        self.call("POST", "/_mock/snapshots", lambda _: {"name": name}, {"name": name})
        self.model.snapshots[name] = self.model.kept()

    @rule(name=st.sampled_from(["a", "b"]))
    def restore(self, name: str) -> None:
        def expected(_: Any) -> None:
            if name not in self.model.snapshots:
                raise No(404)
            self.model.back_to(self.model.snapshots[name])

        self.call("POST", f"/_mock/snapshots/{name}/restore", expected)
        self.stamps.clear()


def comparable(row: Record) -> Record:
    """Removes the members that the model does not predict or that a dump does not contain."""
    return {name: value for name, value in row.items() if name not in ("updated_at", "secrets", "key", "token")}


def matches(received: Any, wanted: Any) -> bool:
    """Reports whether an answer contains all that the model expects; a text is the message of an action."""
    if wanted is None:
        return True
    if isinstance(wanted, str) and isinstance(received, dict):
        return bool(received == {"data": True, "message": wanted})
    return contains(received, wanted)


def contains(received: Any, wanted: Any) -> bool:
    if isinstance(wanted, dict) and isinstance(received, dict):
        return wanted.keys() <= received.keys() and all(contains(received[name], wanted[name]) for name in wanted)
    if isinstance(wanted, list) and isinstance(received, list):
        return len(wanted) == len(received) and all(map(contains, received, wanted))
    return type(received) is type(wanted) and bool(received == wanted)


@pytest.mark.parametrize("kind", ["memory", "sqlite", "postgresql", "three processes"])
def test_random_calls__are_answered_as_by_the_model(kind: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    processes = 3 if kind == "three processes" else 1
    store = "memory" if kind == "memory" else f"sqlite:///{tmp_path / 'state.db'}"
    if kind in ("postgresql", "three processes"):
        store = request.getfixturevalue("postgres").new_database()
    kept: dict[str, Any] = {}
    with served(processes, store=store, keep_dates=True) as client:
        start = client.get("/_mock/state").json()
        machine = type("RandomCalls", (RandomCalls,), {"client": client, "start": start, "kept": kept})
        run_state_machine_as_test(
            machine,
            settings=settings(
                max_examples=RUNS if kind == "memory" else RUNS // 3,
                stateful_step_count=STEPS,
                deadline=None,
                derandomize=True,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    assert kept
    if kind != "memory":
        with served(store=store, keep_dates=True) as client:
            for key, state in kept.items():
                assert client.get("/_mock/state", headers={"x-api-key": key}).json() == state
