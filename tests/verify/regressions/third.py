"""Fifty faults of a release that were written after the halves, from the README, the contract and the documentation."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any
from zlib import crc32

from mockserver.verify.judging.assertions import instant
from tests.conftest import FULL_KEY, READ_ONLY_KEY
from tests.verify.breaking.access import let_in
from tests.verify.breaking.answers import answer_changed, body_changed
from tests.verify.breaking.writes import read_only_taken
from tests.verify.exchange import Answer, Change, Fake, Request
from tests.verify.mutant import READ_ONLY, Send
from tests.verify.regressions.answering import inside, joined_with, raw, renamed, without
from tests.verify.regressions.effects import moved
from tests.verify.regressions.listing import query_altered, rows_altered
from tests.verify.regressions.regression import regression
from tests.verify.regressions.sending import (
    invalid_accepted,
    member_altered,
    text_altered,
    valid_query_refused,
    valid_refused,
)
from tests.verify.regressions.storing import member_after_update

Json = dict[str, Any]
TASK = {"title": "Conferir nota"}
ITEM = "Zk3Tq81LmN0pQr5s"


def values_emptied_by_field_deletion() -> Change:
    """The deletion of a field empties the values of all items of its type."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == "DELETE" and answer.is_success:
            items = request.path.rpartition("/fields/")[0] + "/items"
            listed = await fake.ask(request.at(items, _limit=1000))
            fake.memory.update({row["reference"]: row["updated_at"] for row in listed.json()})
        if request.method != "GET" or not answer.is_success:
            return answer
        body = answer.json()
        rows = [_emptied(row, fake) for row in (body if isinstance(body, list) else [body])]
        return answer.with_json(rows if isinstance(body, list) else rows[0])

    return change


def _emptied(row: Json, fake: Fake) -> Json:
    return row | {"data": {}} if fake.memory.get(row["reference"]) == row["updated_at"] else row


def users_appended() -> Change:
    """An update of a group adds the users that were sent to those it has."""

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method != "PUT" or not isinstance(users := request.sent.get("users"), list):
            return await fake.ask(request)
        before = await fake.ask(request.at(request.path))
        kept = [user["id"] for user in before.json()["users"]] if before.is_success else []
        more = [user for user in users if user not in kept]
        return await fake.ask(request.sending(request.sent | {"users": kept + more}))

    return change


def users_deactivated() -> Change:
    """Users that leave a group lose their access to the workspace."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == "DELETE" and answer.is_success:
            gone = request.query.get("users", "").split(",")
            for member in (await fake.ask(request.at("/ws/members", _limit=1000))).json():
                if str(member["user"]["id"]) in gone and member["type"] != "owner":
                    await fake.ask(request.at(f"/ws/members/{member['id']}", "PUT").sending({"status": "inactive"}))
        return answer

    return change


def items_of_deleted_types_counted() -> Change:
    """The statistics go on counting the items of deleted types."""

    async def change(request: Request, fake: Fake) -> Answer:
        items = await fake.ask(request.at(f"{request.path}/items/count"))
        answer = await fake.ask(request)
        if not answer.is_success:
            return answer
        if request.method == "DELETE":
            fake.memory["lost"] = fake.memory.get("lost", 0) + items.json()
            return answer
        return answer.with_json(answer.json() | {"items": answer.json()["items"] + fake.memory.get("lost", 0)})

    return change


def reserved_slug_taken() -> Change:
    """A type may have the slug that is reserved for the count."""

    async def change(request: Request, fake: Fake) -> Answer:
        if request.method != "POST" or request.sent.get("slug") != "count":
            return await fake.ask(request)
        answer = await fake.ask(request.sending(without(request.sent, "slug")))
        return answer.with_json(answer.json() | {"slug": "count"}) if answer.is_success else answer

    return change


def values_filtered_by_part() -> Change:
    """A filter by a value finds the items whose value contains it."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        declared = {"status", "reference", "form", "stage"}
        values = {
            name: value for name, value in request.query.items() if not name.startswith("_") and name not in declared
        }
        if request.method != "GET" or not answer.is_success or not values:
            return answer
        rest = {name: value for name, value in request.query.items() if name not in (*values, "_limit")}
        rows = (await fake.ask(replace(request, query=rest | {"_limit": "1000"}))).json()
        found = [row for row in rows if all(value in str(row["data"].get(name, "")) for name, value in values.items())]
        return answer.with_json(found[: int(request.query.get("_limit", 100))])

    return change


def log_of_another_user_listed() -> Change:
    """The calls of another person are listed with the caller's own."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method != "GET" or not answer.is_success:
            return answer
        other = await fake.ask(request.carrying(x_api_key=READ_ONLY_KEY))
        rows = {row["id"]: row for row in [*answer.json(), *(other.json() if other.is_success else [])]}
        newest = sorted(rows.values(), key=lambda row: (row["created_at"], row["id"]), reverse=True)
        return answer.with_json(newest[: int(request.query.get("_limit", 100))])

    return change


def context_of(workspace: str) -> Change:
    """The context is that of another workspace of the key."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success:
            return answer
        other = await fake.ask(request.carrying(en_workspace=workspace))
        return other if other.is_success else answer

    return change


def next_deleted_too(collection: str) -> Change:
    """A deletion takes the record with the nearest id along."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method == "DELETE" and answer.is_success:
            own = int(request.path.rpartition("/")[2])
            ids = [row["id"] for row in (await fake.ask(request.at(collection, _limit=1000))).json()]
            if ids:
                nearest = min(ids, key=lambda other: abs(other - own))
                await fake.ask(request.at(f"{collection}/{nearest}", "DELETE"))
        return answer

    return change


def members_deleted_with_role() -> Change:
    """The deletion of a role removes the members that had it."""

    async def change(request: Request, fake: Fake) -> Answer:
        role = request.path.rpartition("/")[2]
        listed = await fake.ask(request.at("/ws/members", role=role, _limit=1000))
        answer = await fake.ask(request)
        if request.method == "DELETE" and answer.is_success and listed.is_success:
            for member in listed.json():
                await fake.ask(request.at(f"/ws/members/{member['id']}", "DELETE"))
        return answer

    return change


def permission_of_any_role_removed() -> Change:
    """A permission is removed under the id of another role."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method != "DELETE" or answer.status != 404:
            return answer
        if (await fake.ask(request.at(request.path.rpartition("/permissions/")[0]))).status == 404:
            return answer
        for role in (await fake.ask(request.at("/ws/roles", _limit=1000))).json():
            own = f"/ws/roles/{role['id']}/permissions/{request.path.rpartition('/')[2]}"
            if (second := await fake.ask(request.at(own, "DELETE"))).is_success:
                return second
        return answer

    return change


def item_of_any_type_found() -> Change:
    """An item is found under the slug of another type."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if request.method != "GET" or answer.status != 404:
            return answer
        if (await fake.ask(request.at(request.path.rpartition("/items/")[0]))).status == 404:
            return answer
        for found in (await fake.ask(request.at("/ws/types", _limit=1000))).json():
            own = f"/ws/types/{found['slug']}/items/{request.path.rpartition('/')[2]}"
            if (second := await fake.ask(request.at(own))).is_success:
                return second
        return answer

    return change


def _without_description(rows: list[Json], query: dict[str, str]) -> list[Json]:
    text = query.get("_q", "").lower()
    return [row for row in rows if text in row["name"].lower() or text in row["slug"]]


def _first_of_pair(query: dict[str, str]) -> dict[str, str]:
    return without(query, "flow") if "status" in query else query


def _is_email(value: Any) -> bool:
    return isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None


def _shifted(value: Any) -> Any:
    is_time = isinstance(value, str) and value.endswith("Z") and instant(value) is not None
    return moved(value, hours=-3) if is_time else value


THIRD = (
    regression(
        "schema",
        "shape",
        "field-position-as-text",
        "`position` of a field is an integer.",
        "getField",
        inside(("position",), str),
        "GET /ws/types/contratos/fields/304",
    ),
    regression(
        "schema",
        "shape",
        "fields-default-value-in-snake-case",
        "A field has `defaultValue`.",
        "listFields",
        renamed("defaultValue", "default_value"),
        "GET /ws/types/contratos/fields",
    ),
    regression(
        "description",
        "update",
        "item-null-value-ignored",
        "A value that is set to null is null.",
        "updateItem",
        member_altered(
            "data", lambda data: {k: v for k, v in data.items() if v is not None} if isinstance(data, dict) else data
        ),
        Send("POST /ws/types/clientes/items", {"data": {"razao_social": "A", "cnpj": "B", "telefone": "1"}}),
        Send("PUT /ws/types/clientes/items/{reference}", {"data": {"telefone": None}}),
    ),
    regression(
        "description",
        "list",
        "type-fields-by-id",
        "The fields of a type come by `position`.",
        "getType",
        inside(("fields",), lambda fields: sorted(fields, key=lambda field: int(field["id"]))),
        Send("POST /ws/types/clientes/fields", {"name": "Porte", "slug": "porte", "type": "text", "position": 0}),
        "GET /ws/types/clientes",
    ),
    regression(
        "schema",
        "shape",
        "inactive-item-is-archived",
        "The status of an item is active or inactive.",
        "getItem",
        inside(("status",), lambda status: "archived" if status == "inactive" else status),
        Send("POST /ws/types/fornecedores/items", {"data": {"razao_social": "A", "cnpj": "B"}, "status": "inactive"}),
        "GET /ws/types/fornecedores/items/{reference}",
        meaning="learn",
    ),
    regression(
        "schema",
        "shape",
        "task-conditions-null",
        "`conditions` is a list, empty without any.",
        "getTask",
        inside(("conditions",), lambda conditions: conditions or None),
        "GET /c-flow-tasks/71",
    ),
    regression(
        "description",
        "update",
        "item-update-loses-stage",
        "An update changes only the members sent.",
        "updateItem getItem",
        member_after_update("stage", lambda _: None),
        Send("POST /ws/types/chamados/items", {"data": {"assunto": "A", "contato": "a@b.example"}}),
        Send("PUT /ws/types/chamados/items/{reference}", {"status": "inactive"}),
    ),
    regression(
        "description",
        "update",
        "group-users-appended",
        "`users` of an update replaces the whole list.",
        "updateMemberGroup",
        users_appended(),
        Send("PUT /ws/mgroups/303", {"users": [64]}),
    ),
    regression(
        "schema",
        "shape",
        "stage-user-as-id",
        "A stage contains the user who created it.",
        "getStage",
        inside(("user",), lambda user: user["id"]),
        "GET /c-flow-stages/31",
    ),
    regression(
        "schema",
        "time",
        "flow-created-in-epoch-seconds",
        "`created_at` is an ISO 8601 text.",
        "getFlow",
        inside(("created_at",), lambda _: 1733140904),
        "GET /c-flows/9",
    ),
    regression(
        "description",
        "relation",
        "removed-user-loses-access",
        "Users who leave a group remain members.",
        "removeMemberGroupUsers",
        users_deactivated(),
        "DELETE /ws/mgroups/303/users?users=74",
        "GET /ws/members/30",
        related="getMember listMembers",
    ),
    regression(
        "description",
        "relation",
        "items-of-deleted-types-counted",
        "Statistics count the items that there are.",
        "deleteType getWorkspaceStats",
        items_of_deleted_types_counted(),
        "DELETE /ws/types/fornecedores",
        "GET /ws/stats",
    ),
    regression(
        "schema",
        "shape",
        "form-fields-by-slug",
        "`fields` of a form is a list.",
        "listForms",
        inside(("fields",), lambda _: {"valor": {"order": 0}}),
        "GET /c-forms",
        meaning="learn",
    ),
    regression(
        "schema",
        "shape",
        "members-counted-as-text",
        "A count is an integer.",
        "countMembers",
        body_changed(str),
        "GET /ws/members/count",
        meaning="learn",
    ),
    regression(
        "description",
        "validity",
        "reserved-slug-taken",
        "The slug `count` is reserved.",
        "createType",
        reserved_slug_taken(),
        Send("POST /ws/types", {"name": "Contagem", "slug": "count"}),
        meaning="either",
    ),
    regression(
        "description",
        "list",
        "values-filtered-by-part",
        "A field slug filters by equality.",
        "listItems",
        values_filtered_by_part(),
        "GET /ws/types/compras/items?categoria=informat",
        related="countItems",
    ),
    regression(
        "schema",
        "shape",
        "type-settings-as-booleans",
        "The settings of a type are texts.",
        "getType",
        inside(("settings",), lambda settings: {k: v == "true" for k, v in settings.items()}),
        "GET /ws/types/contratos",
    ),
    regression(
        "schema",
        "shape",
        "member-role-as-object",
        "`role` of a member is an id.",
        "getMember",
        inside(("role",), lambda role: role and {"id": role}),
        "GET /ws/members/19",
    ),
    regression(
        "sense",
        "list",
        "second-filter-ignored",
        "Filters are combined.",
        "listScheduleTasks",
        query_altered(_first_of_pair),
        "GET /c-schedule-tasks?status=pending&flow=9",
    ),
    regression(
        "sense",
        "list",
        "request-log-ends-at-fifty",
        "A page has as many rows as `_limit` asks for.",
        "listRequestLogs",
        rows_altered(lambda rows, _: rows[:50]),
        *[Send("GET /ws/roles/count")] * 60,
        "GET /user-request-logs?_limit=1000",
    ),
    regression(
        "schema",
        "shape",
        "members-without-names",
        "A user has `meta` with both names.",
        "listMembers",
        inside(("user",), lambda user: without(user, "meta")),
        "GET /ws/members",
    ),
    regression(
        "schema",
        "validity",
        "role-name-of-sixty-refused",
        "A name may have 60 characters.",
        "createRole",
        valid_refused(lambda sent: len(str(sent.get("name", ""))) > 40, "name", "at most 40 characters"),
        Send("POST /ws/roles", {"name": "n" * 60}),
        meaning="either",
    ),
    regression(
        "description",
        "leak",
        "log-of-another-user",
        "The log shows the caller's own calls.",
        "listRequestLogs",
        log_of_another_user_listed(),
        Send("GET /ws/roles", headers=READ_ONLY),
        "GET /user-request-logs?_limit=1",
    ),
    regression(
        "description",
        "leak",
        "integration-with-signing-secret",
        "Integrations are listed without secrets.",
        "listIntegrations",
        inside(("data",), lambda data: data | {"signing_secret": "whsec_9fK2mZ71qLpX0vT4"}),
        "GET /integrations",
    ),
    regression(
        "schema",
        "validity",
        "group-name-beyond-limit",
        "A name has at most 60 characters.",
        "createMemberGroup",
        invalid_accepted(
            lambda sent: len(str(sent.get("name", ""))) > 60, lambda sent: sent | {"name": sent["name"][:60]}
        ),
        Send("POST /ws/mgroups", {"name": "g" * 61}),
        meaning="either",
    ),
    regression(
        "schema",
        "validity",
        "negative-points-accepted",
        "Points are not negative.",
        "createQuickTask",
        invalid_accepted(
            lambda sent: isinstance(sent.get("points"), int) and sent["points"] < 0, lambda sent: sent | {"points": 0}
        ),
        Send("POST /c-quick-tasks", TASK | {"points": -1}),
        meaning="either",
    ),
    regression(
        "sense",
        "access",
        "read-only-key-adds-users",
        "A key without the scope write changes nothing.",
        "addMemberGroupUsers",
        let_in(FULL_KEY, lambda headers: headers.get("x-api-key") == READ_ONLY_KEY),
        Send("POST /ws/mgroups/303/users", {"users": [64]}, READ_ONLY),
    ),
    regression(
        "description",
        "tenancy",
        "context-of-another-workspace",
        "The context is that of the header.",
        "getWorkspaceContext",
        context_of("financeiro-abc"),
        "GET /ws/context",
    ),
    regression(
        "schema",
        "validity",
        "null-priority-refused",
        "`priority` may be null.",
        "updateQuickTask",
        valid_refused(lambda sent: "priority" in sent and sent["priority"] is None, "priority", "low, medium, high"),
        Send("POST /c-quick-tasks", TASK | {"priority": "low"}),
        Send("PUT /c-quick-tasks/{id}", {"priority": None}),
        meaning="either",
    ),
    regression(
        "schema",
        "validity",
        "invalid-email-accepted",
        "`email` is an address.",
        "createMember",
        invalid_accepted(
            lambda sent: isinstance(sent.get("email"), str) and not _is_email(sent["email"]),
            lambda sent: sent | {"email": f"m{crc32(sent['email'].encode())}@yourcompany.com.br"},
        ),
        Send("POST /ws/members", {"email": "nobody", "type": "standard"}),
    ),
    regression(
        "description",
        "tenancy",
        "types-counted-in-all-workspaces",
        "A count is that of one workspace.",
        "countTypes",
        joined_with("financeiro-abc", lambda own, other: own + other),
        "GET /ws/types/count",
        related="listTypes",
    ),
    regression(
        "sense",
        "relation",
        "deletion-takes-a-neighbour",
        "A deletion removes one task.",
        "deleteQuickTask",
        next_deleted_too("/c-quick-tasks"),
        Send("POST /c-quick-tasks", TASK),
        "DELETE /c-quick-tasks/{id}",
        "GET /c-quick-tasks/count",
        related="listQuickTasks countQuickTasks getQuickTask",
    ),
    regression(
        "schema",
        "validity",
        "fractional-position-accepted",
        "`position` is an integer.",
        "createField",
        invalid_accepted(
            lambda sent: isinstance(sent.get("position"), float),
            lambda sent: sent | {"position": 1},
        ),
        Send("POST /ws/types/clientes/fields", {"name": "P", "slug": "porte", "type": "text", "position": 1.5}),
    ),
    regression(
        "schema",
        "shape",
        "permission-type-as-object",
        "`item_type` of a permission is a slug.",
        "listRolePermissions",
        inside(("item_type",), lambda slug: {"slug": slug}),
        "GET /ws/roles/5/permissions",
    ),
    regression(
        "sense",
        "round trip",
        "due-date-three-hours-early",
        "A time is stored as it was sent.",
        "createQuickTask",
        member_altered("due_date", _shifted),
        Send("POST /c-quick-tasks", TASK | {"due_date": "2026-04-01T12:00:00.000Z"}),
    ),
    regression(
        "sense",
        "relation",
        "field-deletion-empties-items",
        "A deletion removes the values of one field.",
        "deleteField getItem listItems",
        values_emptied_by_field_deletion(),
        Send("POST /ws/types/clientes/fields", {"name": "Porte", "slug": "porte", "type": "text"}),
        "DELETE /ws/types/clientes/fields/{id}",
        "GET /ws/types/clientes/items",
    ),
    regression(
        "schema",
        "shape",
        "provider-media-null",
        "`media` of a provider is a list.",
        "listIntegrations",
        inside(("integration", "media"), lambda _: None),
        "GET /integrations",
    ),
    regression(
        "schema",
        "time",
        "due-date-without-zone",
        "`due_date` is an ISO 8601 text with its zone.",
        "getScheduleTask",
        inside(("due_date",), lambda due: due and due[:19].replace("T", " ")),
        "GET /c-schedule-tasks/2001",
        meaning="learn",
    ),
    regression(
        "description",
        "relation",
        "role-deletion-removes-members",
        "The members of a deleted role stay.",
        "deleteRole",
        members_deleted_with_role(),
        "DELETE /ws/roles/6",
        "GET /ws/members",
        related="getMember listMembers",
    ),
    regression(
        "description",
        "list",
        "types-not-searched-in-description",
        "A search looks in the text members.",
        "listTypes",
        rows_altered(_without_description),
        "GET /ws/types?_q=quem",
        "GET /ws/types?_q=compram",
        related="countTypes",
    ),
    regression(
        "schema",
        "shape",
        "workspace-favourite-as-number",
        "`favorite` is true or false.",
        "listWorkspaces",
        inside(("favorite",), int),
        "GET /ws",
    ),
    regression(
        "schema",
        "shape",
        "members-by-type-as-list",
        "`members_by_type` is an object of four numbers.",
        "getWorkspaceStats",
        inside(("members_by_type",), lambda known: [{"type": k, "count": v} for k, v in known.items()]),
        "GET /ws/stats",
        meaning="either",
    ),
    regression(
        "sense",
        "round trip",
        "emoji-stored-as-question-mark",
        "A text is stored as it was sent.",
        "createQuickTask",
        text_altered(
            "title", lambda text: "".join("?" if ord(sign) > 0xFFFF else sign for sign in text), is_echoed=True
        ),
        Send("POST /c-quick-tasks", {"title": "Festa 🎉"}),
        "GET /c-quick-tasks/{id}",
        related="getQuickTask listQuickTasks",
    ),
    regression(
        "sense",
        "absent",
        "permission-removed-under-another-role",
        "A role has only its own permissions.",
        "removeRolePermission",
        permission_of_any_role_removed(),
        "DELETE /ws/roles/3/permissions/216",
    ),
    regression(
        "schema",
        "list",
        "largest-page-refused",
        "`_limit` may be 1000.",
        "listTypes",
        valid_query_refused("_limit", lambda value: value.isdigit() and int(value) > 500),
        "GET /ws/types?_limit=1000",
        meaning="either",
    ),
    regression(
        "schema",
        "shape",
        "key-scope-as-text",
        "`scope.global` is a list.",
        "listApiKeys",
        inside(("scope", "global"), ",".join),
        "GET /user-api-keys",
    ),
    regression(
        "sense",
        "absent",
        "item-found-under-another-type",
        "A type has only its own items.",
        "getItem",
        item_of_any_type_found(),
        f"GET /ws/types/clientes/items/{ITEM}",
    ),
    regression(
        "sense",
        "shape",
        "members-in-latin-1",
        "JSON is UTF-8.",
        "listMembers",
        raw(
            lambda body: body.decode().encode("latin-1", "replace"), content_type="application/json; charset=iso-8859-1"
        ),
        "GET /ws/members",
    ),
    regression(
        "description",
        "update",
        "field-becomes-native",
        "`native` never changes.",
        "updateField getField",
        read_only_taken("native"),
        Send("POST /ws/types/clientes/fields", {"name": "Porte", "slug": "porte", "type": "text"}),
        Send("PUT /ws/types/clientes/fields/{id}", {"name": "Tamanho", "native": True}),
    ),
    regression(
        "schema",
        "shape",
        "refusal-without-status-code",
        "An error has `statusCode`.",
        "updateRole",
        answer_changed(lambda answer: answer.with_json(without(answer.json(), "statusCode")), (403,)),
        Send("PUT /ws/roles/5", {"name": "X"}, READ_ONLY),
    ),
)
