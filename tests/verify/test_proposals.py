"""Proposed changes of the contract: the diff applies, and the changed contract passes the lint."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mockserver.__main__ import main
from mockserver.contract.document import Document, load_document
from mockserver.verify.judging.contract_changes import Observation, propose_change
from mockserver.verify.resources import Contract

ROLE = ("components", "schemas", "Role")
TASK = ("components", "schemas", "QuickTask")
SEEN = {"description": "Seen in an answer."}
ERROR = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}}
NULL_TOO = {"type": "boolean", "nullable": True, "enum": [None]}


def lesson(document: Document, operation: str, status: int, *seen: Any) -> Observation:
    return Observation(Contract(document).by_id[operation], status, *seen)


def learned(document: Document, folder: Path, *seen: Any) -> Document:
    """The contract with the diff applied."""
    changed = folder / document.path.name
    changed.write_text(document.text, encoding="utf-8")
    diff = propose_change(document, lesson(document, *seen))
    subprocess.run(["git", "apply"], input=diff, text=True, cwd=folder, check=True)
    return load_document(changed)


@pytest.mark.parametrize(
    ("seen", "place", "says"),
    [
        (
            ("listRoles", 404),
            ("paths", "/ws/roles", "get", "responses", "404"),
            {"$ref": "#/components/responses/NotFound"},
        ),
        (("listRoles", 201), ("paths", "/ws/roles", "get", "responses", "201"), SEEN),
        (("listRoles", 418), ("components", "responses", "Status418"), SEEN | ERROR),
        (
            ("listRoles", 503),
            ("paths", "/ws/roles", "get", "responses", "503"),
            {"$ref": "#/components/responses/Status503"},
        ),
        (
            ("listRoles", 200, (0, "name"), "type", 'null is not of type "string"'),
            (*ROLE, "properties", "name", "nullable"),
            True,
        ),
        (("getRole", 200, ("id",), "type", "null is not"), (*ROLE, "properties", "id", "nullable"), True),
        (
            ("getQuickTask", 200, ("kind",), "type", "null is not"),
            (*TASK, "properties", "kind", "enum"),
            ["manual", "approval", "form", None],
        ),
        (
            ("getQuickTask", 200, ("user",), "type", "null is not"),
            (*TASK, "properties", "user", "anyOf"),
            [{"$ref": "#/components/schemas/User"}, NULL_TOO],
        ),
        (
            ("getQuickTask", 200, ("priority",), "anyOf", '"urgent" is not valid under any'),
            (*TASK, "properties", "priority", "enum"),
            ["low", "medium", "high", None, "urgent"],
        ),
        (
            ("getQuickTask", 200, ("kind",), "enum", '"in two: steps" is not one of'),
            (*TASK, "properties", "kind", "enum"),
            ["manual", "approval", "form", "in two: steps"],
        ),
        (
            ("listRoles", 200, (0,), "required", '"description" is a required property'),
            (*ROLE, "required"),
            ["id", "name", "created_at", "updated_at"],
        ),
        (
            ("listRoles", 200, (0,), "required", '"id" is a required property'),
            (*ROLE, "required"),
            ["name", "description", "created_at", "updated_at"],
        ),
        (
            ("getRole", 200, ("description",), "anyOf", "5 is not valid under any"),
            (*ROLE, "properties", "description"),
            {"type": "integer", "nullable": True, "example": 1},
        ),
        (
            ("getQuickTask", 200, ("points",), "anyOf", '"many" is not valid under any'),
            (*TASK, "properties", "points"),
            {"type": "string", "nullable": True, "example": "text"},
        ),
    ],
)
def test_proposal__changes_what_was_seen(
    document: Document, tmp_path: Path, seen: Any, place: tuple[str, ...], says: Any
) -> None:
    changed = learned(document, tmp_path, *seen)
    assert changed.at(place) == says
    assert document.at(place[:-1]) != changed.at(place[:-1])


def test_proposal__quotes_a_text_as_it_was_received(document: Document) -> None:
    seen = ("getQuickTask", 200, ("kind",), "enum", '"ação: x" is not one of')
    assert '"ação: x"' in propose_change(document, lesson(document, *seen))


def test_contract_with_five_proposals__passes_the_lint(document: Document, tmp_path: Path) -> None:
    for seen in (
        ("listRoles", 503),
        ("getQuickTask", 200, ("user",), "type", "null is not"),
        ("getQuickTask", 200, ("kind",), "enum", '"in two: steps" is not one of'),
        ("getQuickTask", 200, (), "required", '"points" is a required property'),
        ("getQuickTask", 200, ("due_date",), "anyOf", "5 is not valid under any"),
    ):
        document = learned(document, tmp_path, *seen)
    assert CliRunner().invoke(main, ["lint", "--spec", str(document.path)]).stdout == "0 finding(s)\n"


def test_proposal__of_a_list_on_several_lines_changes_one(document: Document) -> None:
    seen = ("getQuickTask", 200, (), "required", '"points" is a required property')
    lines = propose_change(document, lesson(document, *seen)).splitlines()
    assert [line for line in lines if line[0] in "+-"] == [
        "--- a/openapi.yaml",
        "+++ b/openapi.yaml",
        "-          id, title, description, kind, status, priority, points, due_date, assigned_to, limit_access, item,",
        "+          id, title, description, kind, status, priority, due_date, assigned_to, limit_access, item,",
    ]


@pytest.mark.parametrize(
    "seen",
    [
        ("getRole", 200, ("name",), "minLength", '"" is shorter than 1 character'),
        ("getRole", 200, ("name",), "type", "{} is not of type"),
        ("getRole", 200, ("name",), "type", "not to be read"),
        ("getQuickTask", 200, ("user",), "type", "5 is not of type"),
        ("getQuickTask", 200, ("assigned_to",), "anyOf", "null is not valid under any"),
        ("countRoles", 200, (), "", "999, while the list holds 5"),
    ],
)
def test_proposal__without_a_simple_edit_is_a_comment(document: Document, tmp_path: Path, seen: Any) -> None:
    changed = learned(document, tmp_path, *seen)
    assert changed.raw == document.raw
    assert f"# learned: {seen[-1]}" in changed.text


def test_proposal__can_be_made_for_every_member(document: Document) -> None:
    """Every form of schema in the contract can be changed."""
    read = {operation.success.schema["$ref"]: operation for operation in with_record(document)}
    for ref, operation in read.items():
        for name in document.resolve({"$ref": ref}).get("properties", {}):
            diff = propose_change(
                document, Observation(operation, operation.success.status, (name,), "type", "null is not")
            )
            assert diff.startswith("--- a/openapi.yaml\n+++ b/openapi.yaml\n")


def with_record(document: Document) -> list[Any]:
    """The operations that answer with a record."""
    return [o for o in Contract(document).operations if "$ref" in (o.success.schema or {})]
