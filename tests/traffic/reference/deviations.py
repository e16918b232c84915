"""Forty ways in which a real Enspace might differ from the contract.

Each has a name, the change of an answer, the operations that show it, the row that `drift` should report (none for
what proves nothing), and the edit that a patch should make. They can be combined: no two change the same value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.traffic.reference.records import Json
from tests.traffic.reference.server import Answer, Change

SCHEMAS = "components/schemas"
SIGN_IN = "<!doctype html><title>Entrar</title><form><input name=email></form>"


@dataclass(frozen=True)
class Deviation:
    """`operations` are operationIds, or method and path of a new operation; `row` is the identity of the row."""

    name: str
    operations: tuple[str, ...]
    change: Change
    row: str = ""
    edit: str = ""


def in_records(change: Callable[[Json], Any], *operations: str, some: bool = True) -> Change:
    """Changes the records of successful answers of some operations; `some` leaves every third record as it is."""

    def changed(answer: Answer) -> None:
        if answer.operation in operations and answer.status == 200:
            for record in answer.body if isinstance(answer.body, list) else [answer.body]:
                if not isinstance(record, dict):
                    continue  # another deviation has replaced it
                if not some or not isinstance(record.get("id"), int) or record["id"] % 3:
                    change(record)

    return changed


def within(path: str, change: Callable[[Json], Any]) -> Callable[[Json], None]:
    """Changes the objects at a path of members; lists are entered, nulls are left."""

    def changed(record: Json) -> None:
        for found in _at(record, path.split(".")):
            change(found)

    return changed


def _at(value: Any, names: list[str]) -> Iterator[Json]:
    if isinstance(value, list):
        for inner in value:
            yield from _at(inner, names)
    elif isinstance(value, dict):
        if names:
            yield from _at(value.get(names[0]), names[1:])
        else:
            yield value


def answering(operation: str, status: int, body: Any, media_type: str = "application/json") -> Change:
    """Replaces successful answers by others; a text is sent as it is."""

    def changed(answer: Answer) -> None:
        if answer.operation == operation and answer.status == 200:
            answer.status, answer.headers["Content-Type"] = status, media_type
            answer.body, answer.raw = body, body.encode() if isinstance(body, str) else None

    return changed


def at_path(method: str, ending: str, body: Any) -> Change:
    """Answers a method at a path that the contract does not have."""

    def changed(answer: Answer) -> None:
        if answer.method == method and answer.path.endswith(ending) and answer.status >= 400:
            answer.status, answer.body, answer.headers = 200, body, {}

    return changed


def wrapped(operation: str, wrap: Callable[[Any], Any]) -> Change:
    """Wraps the body of successful answers."""

    def changed(answer: Answer) -> None:
        if answer.operation == operation and answer.status == 200:
            answer.body = wrap(answer.body)

    return changed


def _with_status(operation: str, when: int, status: int) -> Change:
    def changed(answer: Answer) -> None:
        if answer.operation == operation and answer.status == when:
            answer.status = status

    return changed


def _with_conflict(answer: Answer) -> None:
    if answer.operation == "createRole" and answer.status == 400 and "must be unique" in str(answer.body):
        answer.status, answer.body = 409, answer.body | {"statusCode": 409, "error": "Conflict"}


def _with_code(answer: Answer) -> None:
    if answer.status == 400:
        answer.body["code"] = "E_VALIDATION"


def _patched(answer: Answer) -> None:
    if answer.method == "PATCH" and answer.path.startswith("/ws/roles/"):
        answer.status, answer.headers = 200, {}
        answer.body = {"updated": True, "members": ["description"], "at": "2026-11-20T10:00:00.000Z"}


def _busy(answer: Answer) -> None:
    if answer.operation == "listScheduleTasks" and len(answer.body) == 10:
        answer.status, answer.body, answer.headers["Retry-After"] = 429, {"message": "Too many requests"}, "3"
    if answer.operation == "getScheduleTask" and answer.body.get("id", 0) % 2:
        answer.status, answer.raw, answer.headers["Content-Type"] = 502, b"<h1>Bad Gateway</h1>", "text/html"


def _gateway(answer: Answer) -> None:
    if answer.operation in ("listFlows", "getFlow"):
        answer.status, answer.body = 200, {"code": "GW-17", "message": "upstream timed out", "trace": "9f2c"}


def _with_headers(answer: Answer) -> None:
    if isinstance(answer.body, list):
        answer.headers |= {"X-Total-Count": str(len(answer.body)), "Deprecation": "true", "X-Request-Id": "r-1"}


def _labels(record: Json) -> None:
    record["labels"] = [{"id": n, "text": "novo"} for n in range(1, 1 + record["id"] % 4)]


def _as_list(record: Json) -> None:
    if record["options"]:
        record["options"] = record["options"]["choices"]


def _nickname(user: Json) -> None:
    user["nickname"] = None if user["fname"] < "G" else user["fname"][:3]


def _skip(record: Json) -> None:
    if record["success_trigger"]:
        record["success_trigger"]["action"] = "skip_stage"


ROLES = ("listRoles", "getRole", "createRole", "updateRole")
TYPES = ("listTypes", "createType", "getType", "updateType")
MEMBERS = ("listMembers", "getMember", "createMember", "updateMember")
GROUPS = ("listMemberGroups", "createMemberGroup", "getMemberGroup", "updateMemberGroup")
QUICK = ("listQuickTasks", "createQuickTask", "getQuickTask", "updateQuickTask")
ITEMS = ("listItems", "createItem", "getItem", "updateItem")
FIELDS = ("listFields", "createField", "getField", "updateField")
TASKS = ("listTasks", "createTask", "getTask")
STAGES = ("listStages", "getStage")
WORKSPACES = ("listWorkspaces", "createWorkspace")
LONG = "Tarefa com um nome que ninguém encurtou, " * 4

_TABLE = (
    # -------- Members that the contract does not have ----------------------------------
    Deviation(
        "role-color",
        ROLES,
        in_records(lambda r: r.update(color="#C0FFEE"), *ROLES),
        f"{SCHEMAS}/Role/properties/color: member color",
        "property",
    ),
    Deviation(
        "member-user-avatar",  # of a shared schema, in one place only
        MEMBERS,
        in_records(within("user", lambda u: u.update(avatar="https://cdn.aurora.com.br/a.png")), *MEMBERS),
        f"{SCHEMAS}/User/properties/avatar: member avatar",
        "property",
    ),
    Deviation(
        "group-owner",
        GROUPS,
        in_records(lambda r: r.update(owner={"id": 7, "name": "Caio", "since": "2026-02-01"}), *GROUPS),
        f"{SCHEMAS}/MemberGroup/properties/owner: member owner",
        "property",
    ),
    Deviation(
        "type-labels",  # a list of objects, empty now and then
        TYPES,
        in_records(_labels, *TYPES, some=False),
        f"{SCHEMAS}/Type/properties/labels: member labels",
        "property",
    ),
    Deviation(
        "type-detail-version",  # beside the parts of an allOf
        ("getType",),
        in_records(lambda r: r.update(version=3), "getType", some=False),
        f"{SCHEMAS}/TypeDetail/properties/version: member version",
        "property",
    ),
    Deviation(
        "group-user-nickname",  # inside a member of a shared schema
        GROUPS,
        in_records(within("users.meta", _nickname), *GROUPS),
        f"{SCHEMAS}/User/properties/meta/properties/nickname: member nickname",
        "property",
    ),
    Deviation(
        "error-code",  # of the envelope, for one status
        (),
        _with_code,
        f"{SCHEMAS}/ErrorResponse/properties/code: member code",
        "property",
    ),
    # -------- Null ---------------------------------------------------------------------
    Deviation(
        "schedule-task-name-null",
        ("listScheduleTasks", "getScheduleTask"),
        in_records(lambda r: r.update(name=None), "listScheduleTasks", "getScheduleTask"),
        f"{SCHEMAS}/ScheduleTask/properties/name: null",
        "nullable",
    ),
    Deviation(
        "item-user-null",  # a reference, in one place only
        ITEMS,
        in_records(lambda r: r.update(user=None), *ITEMS),
        f"{SCHEMAS}/Item/properties/user: null",
        "anyOf",
    ),
    Deviation(
        "quick-task-kind-null",  # a choice
        QUICK,
        in_records(lambda r: r.update(kind=None), *QUICK),
        f"{SCHEMAS}/QuickTask/properties/kind: null",
        "nullable",
    ),
    Deviation(
        "member-user-without-first-name",  # inside a shared schema, documented
        MEMBERS,
        in_records(within("user.meta", lambda m: m.update(fname=None)), *MEMBERS),
        f"{SCHEMAS}/User/properties/meta/properties/fname: null",
        "nullable",
    ),
    # -------- Another type ---------------------------------------------------------------
    Deviation(
        "member-id-text",
        MEMBERS,
        in_records(lambda r: r.update(id=str(r["id"])), *MEMBERS),
        f"{SCHEMAS}/Member/properties/id: kind string",
        "anyOf",
    ),
    Deviation(
        "role-created-seconds",  # a shared scalar, in one place only
        ROLES,
        in_records(lambda r: r.update(created_at=1_774_008_000), *ROLES),
        f"{SCHEMAS}/Role/properties/created_at: kind integer",
        "anyOf",
    ),
    Deviation(
        "workspace-id-number",
        WORKSPACES,
        in_records(lambda r: r.update(id=int(r["id"])), *WORKSPACES, some=False),
        f"{SCHEMAS}/Workspace/properties/id: kind integer",
        "anyOf",
    ),
    Deviation(
        "assigned-to-id",  # a member that is an anyOf already
        QUICK,
        in_records(lambda r: r.update(assigned_to=(r["assigned_to"] or {"id": None})["id"]), *QUICK),
        f"{SCHEMAS}/QuickTask/properties/assigned_to: kind integer",
        "anyOf",
    ),
    Deviation(
        "field-options-list",
        FIELDS,
        in_records(_as_list, *FIELDS),
        f"{SCHEMAS}/Field/properties/options: kind array",
        "anyOf",
    ),
    Deviation(
        "count-object",  # a shared response, in one operation only
        ("countRoles",),
        wrapped("countRoles", lambda count: {"count": count}),
        "components/responses/Count/content/application/json/schema: kind object",
        "anyOf",
    ),
    Deviation(
        "integrations-in-envelope",
        ("listIntegrations",),
        wrapped("listIntegrations", lambda rows: {"data": rows, "total": len(rows)}),
        "paths//integrations/get/responses/200/content/application/json/schema: kind object",
        "anyOf",
    ),
    Deviation(
        "form-in-list",
        ("getForm",),
        wrapped("getForm", lambda row: [row]),
        "paths//c-forms/{id}/get/responses/200/content/application/json/schema: kind array",
        "anyOf",
    ),
    # -------- Choices ----------------------------------------------------------------------
    Deviation(
        "quick-task-paused",
        QUICK,
        in_records(lambda r: r.update(status="paused"), *QUICK),
        f"{SCHEMAS}/QuickTask/properties/status: choice paused",
        "enum",
    ),
    Deviation(
        "task-trigger-skips",  # inside an alternative
        TASKS,
        in_records(_skip, *TASKS),
        f"{SCHEMAS}/TaskTrigger/properties/action: choice skip_stage",
        "enum",
    ),
    Deviation(
        "key-scope-admin",  # inside a list, documented
        ("listApiKeys",),
        in_records(within("scope", lambda s: s["global"].append("admin")), "listApiKeys"),
        f"{SCHEMAS}/UserApiKey/properties/scope/properties/global/items: choice admin",
        "enum",
    ),
    # -------- Limits -----------------------------------------------------------------------
    Deviation(
        "quick-task-item-reference",  # a pattern, of a shared schema
        QUICK,
        in_records(within("item", lambda i: i.update(reference=f"IT-{i['id']}")), *QUICK),
        f"{SCHEMAS}/ItemRef/properties/reference: limit pattern",
        "limit",
    ),
    Deviation(
        "field-position-negative",
        FIELDS,
        in_records(lambda r: r.update(position=-1 - r["position"]), *FIELDS),
        f"{SCHEMAS}/Field/properties/position: limit minimum",
        "limit",
    ),
    Deviation(
        "task-name-long",
        TASKS,
        in_records(lambda r: r.update(name=LONG), *TASKS),
        f"{SCHEMAS}/Tasks/properties/name: limit maxLength",
        "limit",
    ),
    Deviation(
        "quick-task-due-day",
        QUICK,
        in_records(lambda r: r.update(due_date=r["due_date"] and r["due_date"][:10]), *QUICK),
        f"{SCHEMAS}/QuickTask/properties/due_date: limit format",
        "limit",
    ),
    # -------- Missing members ----------------------------------------------------------------
    Deviation(
        "item-stage-without-color",  # of a shared schema, in one place only
        ITEMS,
        in_records(within("stage", lambda s: s.pop("hex_color")), *ITEMS),
        f"{SCHEMAS}/StageRef: absent hex_color",
        "optional",
    ),
    Deviation(
        "stage-flow-without-icon",  # the same, documented
        STAGES,
        in_records(within("flow", lambda f: f.pop("icon")), *STAGES),
        f"{SCHEMAS}/Flow: absent icon",
        "optional",
    ),
    # -------- Statuses and bodies ----------------------------------------------------------
    Deviation(
        "role-201",
        ("createRole",),
        _with_status("createRole", 200, 201),
        "paths//ws/roles/post/responses/201: status 201",
        "status",
    ),
    Deviation(
        "quick-task-204",  # without a body
        ("deleteQuickTask",),
        answering("deleteQuickTask", 204, ""),
        "paths//c-quick-tasks/{id}/delete/responses/204: status 204",
        "status",
    ),
    Deviation(
        "group-users-202",  # with a schema that the contract does not have
        ("addMemberGroupUsers",),
        answering("addMemberGroupUsers", 202, {"job": 71, "state": "queued", "queued_at": "2026-11-20T10:00:00.000Z"}),
        "paths//ws/mgroups/{groupId}/users/post/responses/202: status 202",
        "status",
    ),
    Deviation(
        "role-409",  # with the envelope
        ("createRole",),
        _with_conflict,
        "paths//ws/roles/post/responses/409: status 409",
        "status",
    ),
    Deviation(
        "role-delete-empty",
        ("deleteRole",),
        answering("deleteRole", 200, ""),
        "paths//ws/roles/{roleId}/delete/responses/200: empty",
        "content",
    ),
    # -------- Operations -----------------------------------------------------------------------
    Deviation(
        "role-summary",  # a path that one with a key would swallow
        ("GET /ws/roles/summary",),
        at_path("GET", "/ws/roles/summary", {"total": 8, "unused": 2, "latest": {"id": 1061, "name": "Consulta"}}),
        "paths//ws/roles/summary/get: operation",
        "operation",
    ),
    Deviation(
        "items-by-stage",  # below a key
        ("GET /ws/types/{slug}/items/by-stage",),
        at_path("GET", "/items/by-stage", [{"stage": 1100, "count": 7}, {"stage": None, "count": 2}]),
        "paths//ws/types/{slug}/items/by-stage/get: operation",
        "operation",
    ),
    Deviation(
        "role-patch",
        ("PATCH /ws/roles/{roleId}",),
        _patched,
        "paths//ws/roles/{roleId}/patch: operation",
        "operation",
    ),
    # -------- What proves nothing --------------------------------------------------------------
    Deviation("sign-in-page", (), answering("getWorkspaceStats", 200, SIGN_IN, "text/html")),
    Deviation("gateway-envelope", (), _gateway),
    Deviation("busy", (), _busy),
    Deviation("more-headers", (), _with_headers),
)
DEVIATIONS = {deviation.name: deviation for deviation in _TABLE}
