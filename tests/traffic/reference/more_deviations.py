"""Twenty-four further deviations, made after `drift` had learned the forty: what its rules have not seen."""

from __future__ import annotations

import re
from typing import Any

from tests.traffic.reference.deviations import (
    FIELDS,
    ITEMS,
    MEMBERS,
    QUICK,
    ROLES,
    SCHEMAS,
    STAGES,
    TASKS,
    TYPES,
    Deviation,
    answering,
    in_records,
    within,
    wrapped,
)
from tests.traffic.reference.server import Answer


def _with_hint(answer: Answer) -> None:
    if answer.status >= 400 and "statusCode" in (answer.body or {}):
        answer.body["hint"] = "see the documentation"


def _short_envelope(answer: Answer) -> None:
    if answer.status == 404 and "statusCode" in (answer.body or {}):
        del answer.body["statusCode"]


def _redirected(answer: Answer) -> None:
    if answer.operation == "listWorkspaces":
        answer.status, answer.raw, answer.headers["Location"] = 302, b"", "https://login.example/"


def _created(answer: Answer) -> None:
    if answer.operation == "createType" and answer.status == 200:
        answer.status = 201


def _spaced_times(answer: Answer) -> None:
    def spaced(value: Any) -> Any:
        if isinstance(value, dict):
            inner = {name: spaced(part) for name, part in value.items()}
            return inner | {
                n: v.replace("T", " ") for n, v in inner.items() if n == "created_at" and isinstance(v, str)
            }
        return [spaced(part) for part in value] if isinstance(value, list) else value

    answer.body = spaced(answer.body)


def _codes_as_references(answer: Answer) -> None:
    """References of another form, in items only; so their paths have keys of another form too."""
    if answer.operation == "" and re.fullmatch("/ws/types/compras/items/IT-[0-9]+", answer.path):
        answer.status, answer.headers = 200, {}
        answer.body = _ITEM | {"reference": answer.path.rpartition("/")[2]}
    for record in answer.body if answer.operation == "listItems" and answer.status == 200 else ():
        record["reference"] = f"IT-{record['id']}"


_TIMES = {"created_at": "2026-02-01T10:00:00.000Z", "updated_at": "2026-02-01T10:00:00.000Z"}
_REF: dict[str, Any] = {
    "name": "Compras",
    "slug": "compras",
    "description": None,
    "icon": None,
    "color": None,
    "settings": {},
}
_USER = {"id": 7, "created_at": _TIMES["created_at"], "email": "a@b.com.br", "meta": {"fname": "A", "lname": "B"}}
_ITEM: dict[str, Any] = {"id": 9, "item_type": _REF, "data": {}, "form": None, "stage": None, "status": "active"}
_ITEM |= {"user": _USER, **_TIMES}
_STATS = f"{SCHEMAS}/WorkspaceStats/allOf/1/properties"

MORE = {
    deviation.name: deviation
    for deviation in (
        Deviation(
            "type-settings-switch",  # a value of a map
            TYPES,
            in_records(lambda r: r.update(settings={"auto_menu": True}), *TYPES),
            f"{SCHEMAS}/Type/properties/settings/additionalProperties: kind boolean",
        ),
        Deviation(
            "stage-tasks-null",  # null for a list
            STAGES,
            in_records(lambda r: r.update(tasks=None), *STAGES),
            f"{SCHEMAS}/Stage/properties/tasks: null",
        ),
        Deviation(
            "group-users-with-null",  # null in a list
            (),
            in_records(lambda r: r["users"].append(None), "listMemberGroups", "getMemberGroup"),
            f"{SCHEMAS}/MemberGroup/properties/users/items: null",
        ),
        Deviation(
            "stage-start-number",  # of two schemas
            STAGES,
            in_records(lambda r: r.update(is_start=int(r["is_start"])), *STAGES),
            f"{SCHEMAS}/Stage/properties/is_start: kind integer",
        ),
        Deviation(
            "stats-text",  # in a shared part of an allOf
            ("getWorkspaceStats",),
            in_records(lambda r: r.update(items=str(r["items"])), "getWorkspaceStats"),
            f"{SCHEMAS}/WorkspaceCounters/properties/items: kind string",
        ),
        Deviation(
            "stats-type-color",  # in a list in a part of an allOf
            ("getWorkspaceStats",),
            in_records(lambda r: [row.update(color="red") for row in r["items_by_type"]], "getWorkspaceStats"),
            f"{_STATS}/items_by_type/items/properties/color: member color",
        ),
        Deviation(
            "type-detail-without-fields",  # required by a part of an allOf
            ("getType",),
            in_records(lambda r: r.pop("fields"), "getType", some=False),
            f"{SCHEMAS}/TypeDetail/allOf/1: absent fields",
        ),
        Deviation("error-hint", (), _with_hint, f"{SCHEMAS}/Error/properties/hint: member hint"),
        Deviation("redirect-to-sign-in", (), _redirected),
        Deviation(
            "role-null",  # a body that is null
            ("getRole",),
            wrapped("getRole", lambda row: None if row["id"] % 2 else row),
            "paths//ws/roles/{roleId}/get/responses/200/content/application/json/schema: null",
        ),
        Deviation("times-with-space", (), _spaced_times, f"{SCHEMAS}/CreatedAt: limit format"),
        Deviation(
            "item-codes",  # one row, and no operation for each item
            (),
            _codes_as_references,
            f"{SCHEMAS}/Item/properties/reference: limit pattern",
        ),
        Deviation(
            "member-role-object",
            MEMBERS,
            in_records(lambda r: r.update(role=r["role"] and {"id": r["role"], "name": "Diretoria"}), *MEMBERS),
            f"{SCHEMAS}/Member/properties/role: kind object",
        ),
        Deviation(
            "task-assignees-objects",  # items of a list, in a shared schema
            TASKS,
            in_records(lambda r: r["assignees"].update(users=[{"id": 7}, {"id": 8}]), *TASKS),
            f"{SCHEMAS}/Audience/properties/users/items: kind object",
        ),
        Deviation(
            "preview-without-slug",  # in an object without a name
            ("getWorkspaceDeletionPreview",),
            in_records(within("workspace", lambda w: w.pop("slug")), "getWorkspaceDeletionPreview"),
            f"{SCHEMAS}/WorkspaceDeletionPreview/properties/workspace: absent slug",
        ),
        Deviation(
            "count-text",
            ("countTypes",),
            wrapped("countTypes", str),
            "components/responses/Count/content/application/json/schema: kind string",
        ),
        Deviation(
            "type-201",
            ("createType",),
            _created,
            "paths//ws/types/post/responses/201: status 201",
        ),
        Deviation(
            "quick-task-points-fraction",
            QUICK,
            in_records(lambda r: r.update(points=1.5), *QUICK),
            f"{SCHEMAS}/QuickTask/properties/points: kind number",
        ),
        Deviation(
            "condition-operator",  # in a list of objects
            TASKS,
            in_records(lambda r: [c.update(operator="starts_with") for c in r["conditions"]], *TASKS),
            f"{SCHEMAS}/TaskCondition/properties/operator: choice starts_with",
        ),
        Deviation(
            "field-name-empty",
            FIELDS,
            in_records(lambda r: r.update(name=""), *FIELDS),
            f"{SCHEMAS}/Field/properties/name: limit minLength",
        ),
        Deviation(
            "item-form-id",  # an alternative of a reference
            ITEMS,
            in_records(lambda r: r.update(form=(r["form"] or {"id": None})["id"]), *ITEMS),
            f"{SCHEMAS}/Item/properties/form: kind integer",
        ),
        Deviation("plain-text-ok", (), answering("deleteItem", 200, "OK", "text/plain")),
        Deviation("envelope-short", (), _short_envelope, f"{SCHEMAS}/Error: absent statusCode"),
        Deviation(
            "role-description-list",
            ROLES,
            in_records(lambda r: r.update(description=["Equipe", "Turno"]), *ROLES),
            f"{SCHEMAS}/Role/properties/description: kind array",
        ),
    )
}
