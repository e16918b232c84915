"""`mockserver drift` with an official export: our own contract has no drift, each planted difference is a row."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable
from itertools import zip_longest
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.traffic.conftest import ROOT, Recorder
from tests.traffic.test_drift import rows

Schema = dict[str, Any]
Plant = Callable[[Schema], Any]


@pytest.fixture(scope="session")
def contract() -> Schema:
    raw: Schema = yaml.load((ROOT / "openapi.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    return raw


def exported(raw: Schema, version: str) -> Schema:
    """The contract in the form of Apidog: no operationIds, own extensions, other names of path keys."""
    export: Schema = walked(copy.deepcopy(raw), version)
    export["openapi"] = version
    export["paths"] = {re.sub(r"\{(\w+)\}", r"{\1Key}", path): item for path, item in export["paths"].items()}
    return export


def walked(part: Any, version: str) -> Any:
    if isinstance(part, list):
        return [walked(value, version) for value in part]
    if not isinstance(part, dict):
        return part
    part = {
        name: walked(value, version)
        for name, value in part.items()
        if name not in ("operationId", "x-provenance", "x-promises", "x-faker")
    }
    if part.get("in") == "path":
        part["name"] += "Key"
    if isinstance(part.get("properties"), dict) and part.get("type") == "object":
        part["x-apidog-orders"] = list(part["properties"])
    if version.startswith("3.1") and part.get("nullable") is True:
        part["type"] = [part["type"], "null"]
        del part["nullable"]
    return part


def schema(raw: Schema, name: str) -> Schema:
    found: Schema = raw["components"]["schemas"][name]
    return found


def members(raw: Schema, name: str) -> Schema:
    found: Schema = schema(raw, name)["properties"]
    return found


def operation(raw: Schema, path: str, method: str = "get") -> Schema:
    found: Schema = raw["paths"][path][method]
    return found


TEXT = {"type": "string"}
ROLES = "/ws/roles"
PLANTS: dict[str, tuple[Plant, str]] = {
    "a new text": (lambda c: members(c, "Role").update(color=TEXT), "Role.color: received a member: string"),
    "a new object": (
        lambda c: members(c, "Role").update(owner={"type": "object", "properties": {"id": {"type": "integer"}}}),
        "Role.owner: received a member: object",
    ),
    "a new list": (
        lambda c: members(c, "MemberGroup").update(labels={"type": "array", "items": TEXT}),
        "MemberGroup.labels: received a member: array",
    ),
    "a new reference": (
        lambda c: members(c, "QuickTask").update(reviewer={"$ref": "#/components/schemas/User"}),
        "QuickTask.reviewer: received a member: object",
    ),
    "a new member of a shared schema": (
        lambda c: members(c, "User").update(avatar={"type": "string", "format": "uri"}),
        "User.avatar: received a member: string",
    ),
    "no such member": (lambda c: members(c, "Role").pop("description"), "Role.description: received not in the export"),
    "null": (lambda c: members(c, "Role")["name"].update(nullable=True), "Role.name: received null"),
    "no null": (
        lambda c: members(c, "QuickTask")["points"].pop("nullable"),
        "QuickTask.points: received not in the export, documented: type null",
    ),
    "another type": (
        lambda c: members(c, "Role").update(id={"type": "string"}),
        "Role.id: received string, documented: integer",
    ),
    "a number for an integer": (
        lambda c: members(c, "QuickTask")["points"].update(type="number"),
        "QuickTask.points: received number",
    ),
    "optional": (lambda c: schema(c, "Role")["required"].remove("description"), "Role.description: received no such"),
    "a new choice": (
        lambda c: members(c, "QuickTask")["status"]["enum"].append("paused"),
        "QuickTask.status: received paused",
    ),
    "one choice less": (
        lambda c: members(c, "QuickTask")["status"]["enum"].remove("canceled"),
        "QuickTask.status: received not in the export, documented: choice canceled",
    ),
    "no choices": (
        lambda c: members(c, "QuickTask")["status"].pop("enum"),
        "QuickTask.status: received not in the export, documented: enum",
    ),
    "another pattern": (
        lambda c: members(c, "Item")["reference"].update(pattern="^[0-9]+$"),
        "Item.reference: received other values, documented: pattern ^[A-Za-z0-9]{16}$",
    ),
    "no lowest number": (
        lambda c: members(c, "QuickTask")["points"].pop("minimum"),
        "QuickTask.points: received other values, documented: minimum 0",
    ),
    "another format": (
        lambda c: schema(c, "CreatedAt").update(format="date"),
        "CreatedAt: received other values, documented: format date-time",
    ),
    "a tighter limit": (
        lambda c: members(c, "Role")["name"].update(maxLength=9),
        "Role.name: received not in the export, documented: maxLength 60",
    ),
    "a new limit": (
        lambda c: members(c, "Role")["name"].update(pattern="^[A-Z]"),
        "Role.name: received not in the export, documented: no pattern",
    ),
    "a status with a body": (
        lambda c: operation(c, ROLES, "post")["responses"].update(
            {"201": copy.deepcopy(operation(c, ROLES, "post")["responses"]["200"])}
        ),
        "POST /ws/roles 201: received 201",
    ),
    "a status without a body": (
        lambda c: operation(c, ROLES, "post")["responses"].update({"204": {"description": "Nothing."}}),
        "POST /ws/roles 204: received 204",
    ),
    "a response to everything else": (
        lambda c: operation(c, ROLES, "post")["responses"].update({"default": {"description": "Else."}}),
        "POST /ws/roles default: received default",
    ),
    "another type without its limits": (
        lambda c: members(c, "Item").update(reference={"type": "integer"}),
        "Item.reference: received other values, documented: pattern",
    ),
    "another type without its choices": (
        lambda c: members(c, "QuickTask").update(kind={"type": "integer", "enum": [1]}),
        "QuickTask.kind: received 1, documented: manual, approval",
    ),
    "another type of what may be null": (
        lambda c: members(c, "QuickTask").update(approval={"type": "integer"}),
        "QuickTask.approval: received integer",
    ),
    "a parameter": (
        lambda c: operation(c, ROLES)["parameters"].append({"in": "query", "name": "_page", "schema": TEXT}),
        "GET /ws/roles: received _page, documented: no such parameter",
    ),
    "no such parameter": (
        lambda c: operation(c, ROLES)["parameters"].pop(),
        "GET /ws/roles: received not in the export, documented: parameter",
    ),
    "a path": (
        lambda c: c["paths"].update({"/ws/webhooks": copy.deepcopy(c["paths"][ROLES])}),
        "GET /ws/webhooks: received an answer, documented: no such operation",
    ),
    "a method": (
        lambda c: c["paths"][ROLES].update(patch=copy.deepcopy(operation(c, ROLES, "post"))),
        "PATCH /ws/roles: received an answer, documented: no such operation",
    ),
    "a member of a body": (
        lambda c: members(c, "RoleCreate").update(color=TEXT),
        "RoleCreate.color: received a member: string",
    ),
    "an optional member of a body": (
        lambda c: schema(c, "RoleCreate")["required"].remove("name"),
        "RoleCreate.name: received no such member",
    ),
    "a list for a record": (
        lambda c: operation(c, "/ws/roles/count")["responses"].update(
            {"200": {"description": "x", "content": {"application/json": {"schema": {"type": "array", "items": TEXT}}}}}
        ),
        "Count: received array",
    ),
    "two types": (
        lambda c: members(c, "Role").update(name={"oneOf": [TEXT, {"type": "integer"}]}),
        "Role.name: received integer",
    ),
    "any number of members": (
        lambda c: members(c, "MemberGroup").update(name={"type": "string", "minLength": 3}),
        "MemberGroup.name: received",
    ),
    "listed members for free ones": (
        lambda c: members(c, "Type").update(settings={"type": "object", "properties": {"public": {"type": "boolean"}}}),
        "Type.settings: received not in the export, documented: free members",
    ),
}


@pytest.mark.parametrize("version", ["3.0.1", "3.1.0"])
def test_own_contract_as_export__has_no_drift(recorder: Recorder, contract: Schema, version: str) -> None:
    (recorder.folder / "export.json").write_text(json.dumps(exported(contract, version)))
    result = recorder.drift(recorder.folder / "export.json")
    assert result.stdout.splitlines() == [
        f"{recorder.folder / 'export.json'}: 68 operations of the contract compared",
        "no drift",
    ]


def groups() -> list[list[str]]:
    """Returns the plants in groups, those of the same place of the contract in different ones."""
    by_place: dict[str, list[str]] = {}
    for name, (_, row) in PLANTS.items():
        by_place.setdefault(row.partition(":")[0], []).append(name)
    return [list(filter(None, group)) for group in zip_longest(*by_place.values())]


@pytest.mark.parametrize("version", ["3.0.1", "3.1.0"])
@pytest.mark.parametrize("plants", groups(), ids=" ".join)
def test_planted_differences__are_found(recorder: Recorder, contract: Schema, plants: list[str], version: str) -> None:
    different = copy.deepcopy(contract)
    for plant in plants:
        PLANTS[plant][0](different)
    (recorder.folder / "export.json").write_text(json.dumps(exported(different, version)))
    result = recorder.drift(recorder.folder / "export.json")
    missing = [p for p in plants if not any(row.startswith(PLANTS[p][1]) for row in rows(result.stdout))]
    assert missing == [], result.stdout
    assert result.exit_code == 1


PATCHED = {"a new text", "a new object", "a new reference", "null", "optional", "a new choice"} | {
    "a response to everything else",
    "another type without its limits",
    "another type without its choices",
    "another type of what may be null",
}
LEFT = {
    "a parameter": "a parameter needs a description from a person",
    "one choice less": "a patch only widens the contract",
    "a path": "an export describes it better than a patch: copy it from there",
}


def test_patch_of_an_export__is_applied_and_ends_its_rows(recorder: Recorder, contract: Schema) -> None:
    different, patch = copy.deepcopy(contract), recorder.folder / "learned.patch"
    for plant in PATCHED | LEFT.keys():
        PLANTS[plant][0](different)
    export = recorder.folder / "export.json"
    export.write_text(json.dumps(exported(different, "3.0.1")))
    output = recorder.drift(export, "--patch", patch, "--also-documented").stdout
    assert [reason for reason in LEFT.values() if f": {reason}\n" not in output] == []
    recorder.apply(patch)
    assert recorder.lint() == "0 finding(s)\n"
    left = re.compile("not in the export|no such operation|no such parameter")
    assert [row for row in rows(recorder.drift(export).stdout) if not left.search(row)] == []


def test_folder_of_pages__is_read_block_by_block(recorder: Recorder, contract: Schema, tmp_path: Path) -> None:
    """As documentation sites offer it: one Markdown page with an OpenAPI document for each operation."""
    pages = tmp_path / "pages"
    pages.mkdir()
    different = copy.deepcopy(contract)
    members(different, "Role").update(color=TEXT)
    whole = exported(different, "3.0.1")
    for number, path in enumerate([ROLES, "/ws/mgroups", "/ws/members"]):
        page = whole | {"paths": {path: whole["paths"][path]}}
        (pages / f"{number}.md").write_text(f"# Page\n\n```bash\ncurl x\n```\n\n```json\n{json.dumps(page)}\n```\n")
    (pages / "other.md").write_text("# No code\n")
    result = recorder.drift(pages)
    assert rows(result.stdout) == ["Role.color: received a member: string, documented: no such member"]


def test_folder_without_pages__is_a_usage_error(recorder: Recorder, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = recorder.drift(tmp_path / "empty")
    assert "received no OpenAPI document in the code blocks of its .md pages" in result.stderr
    assert result.exit_code == 2
