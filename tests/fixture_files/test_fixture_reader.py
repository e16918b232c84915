"""Fixtures that cannot be used stop the start, and the message names the file, the line and the fix."""

from __future__ import annotations

import copy
import math
import re
from collections.abc import Callable, Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import Result

from mockserver import Settings
from mockserver.contract.document import Document, load_document
from mockserver.contract.yaml_text import parse_yaml
from mockserver.fixture_files.fixture_reader import UnusableRow
from mockserver.fixture_files.fixture_validator import FixtureValidator, load_world, validated_world
from tests.invocation import invoke

SHIPPED = Settings().fixtures
Serve = Callable[[Path], Result]


@cache
def contract(path: Path) -> Document:
    """Caches the contract: reading it takes longer than a case."""
    return load_document(path)


@cache
def parsed(text: str, max_values: int | None = None) -> Any:
    """Caches the rows of the shipped files, which nearly every case reads; errors are not cached."""
    return parse_yaml(text, max_values)


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Serve:
    """Runs `mockserver serve` with a folder of fixtures, and never serves."""
    monkeypatch.setattr("mockserver.fixture_files.fixture_reader.parse_yaml", parsed)
    for setting in fields(Settings):
        monkeypatch.delenv(f"MOCKSERVER_{setting.name.upper()}", raising=False)
    monkeypatch.setattr("mockserver.app.read_contract", contract)
    monkeypatch.setattr("mockserver.serving.server.serve", lambda app, journal, sockets: sockets[0].close())
    return lambda folder: invoke("serve", "--port", "0", "--fixtures", str(folder))


def with_file(folder: Path, name: str, content: str | bytes) -> Path:
    """The shipped fixtures in this folder, but for one file."""
    for file in SHIPPED.glob("*.yaml"):
        (folder / file.name).symlink_to(file)
    path = folder / name
    path.unlink(missing_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def assert_stopped(result: Result, place: str, message: str) -> None:
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    assert result.stderr.startswith(f"mockserver: {place}: "), result.stderr
    assert re.search(r": .+\. Fix: .+\.\n$", result.stderr)
    assert message in result.stderr
    assert result.stderr.count("\n") == 1


# By fault: the file, a text in it, its replacement, the beginning of the line, the message.
EDITS: dict[str, tuple[str, str, str, str, str]] = {
    "member misspelt": (
        "types",
        "icon: users",
        "icno: users",
        "- {id: 13",
        "unknown member `icno`. Fix: did you mean `icon`?",
    ),
    "member unlike any": (
        "types",
        "icon: users",
        "zzzzzz: 1",
        "- {id: 13",
        "unknown member `zzzzzz`. Fix: use one of id, ",
    ),
    "member missing": ("types", "name: Clientes, ", "", "- {id: 13", "`name` is missing. Fix: add `name: …`"),
    "id missing": ("types", "{id: 13, ", "{", "- {workspace: company-abc, name: Clientes", "`id` is missing"),
    "id twice": (
        "types",
        "id: 13",
        "id: 12",
        "- {id: 12, workspace: company-abc, name: Clientes",
        "the id 12 is repeated",
    ),
    "id as a text": ("types", "id: 13", "id: '13'", "- {id: '13'", "`id` is '13'. Fix: give it a whole number from 1"),
    "id as a switch": ("types", "id: 13", "id: true", "- {id: true", "`id` is True"),
    "id of zero": ("types", "id: 13", "id: 0", "- {id: 0", "`id` is 0"),
    "id too large": ("types", "id: 13", "id: 9223372036854775808", "- {id: 92", "is too large"),
    "row of text": ("types", "- {id: 13", "- Clientes\n- {id: 13", "- Clientes", "the row has no members"),
    "row of nothing": ("types", "- {id: 13", "-\n- {id: 13", "-", "the row has no members"),
    "key as a number": ("types", "icon: users", "13: users", "- {id: 13", "unknown member `13`"),
    "slug twice": (
        "types",
        "slug: clientes",
        "slug: contratos",
        "- {id: 13",
        "another row has the same workspace and slug",
    ),
    "e-mail twice": ("users", "bruno.lima@", "ana.souza@", "- {id: 65", "another row has the same email"),
    "unknown user": (
        "members",
        "user: bruno.lima@yourcompany.com.br",
        "user: nobody@a.br",
        "- {id: 18",
        "`user` names 'nobody@a.br', which users.yaml does not have",
    ),
    "unknown id": (
        "items",
        "user: gabriela.nunes@yourcompany.com.br",
        "user: 9999",
        "- {id: 4693",
        "`user` names 9999",
    ),
    "unknown workspace": (
        "roles",
        "workspace: company-abc",
        "workspace: nowhere",
        "- {id: 3",
        "`workspace` names 'nowhere'",
    ),
    "role of another workspace": (
        "members",
        "type: standard, role: 5, f",
        "type: standard, role: 7, f",
        "- {id: 19",
        "`role` names roles 7 of another workspace. Fix: let both have the same workspace",
    ),
    "stage of another flow": (
        "tasks",
        "flow: 9, stage: 31",
        "flow: 9, stage: 36",
        "- {id: 71",
        "`stage` names stages 36 of another",
    ),
    "trigger to another flow": (
        "tasks",
        "stage: 32}, user",
        "stage: 36}, user",
        "- {id: 71",
        "`error_trigger.stage` names no stage of the flow",
    ),
    "condition on no field": (
        "tasks",
        "{field: valor",
        "{field: peso",
        "- {id: 73",
        "`conditions` names the field 'peso'",
    ),
    "integration of nobody": (
        "tasks",
        "integration: 12",
        "integration: 108",
        "- {id: 74",
        "`settings.integration` names no integration",
    ),
    "integration as a list": (
        "tasks",
        "integration: 12",
        "integration: [12]",
        "- {id: 74",
        "`settings.integration` names no integration",
    ),
    "reference with a dash": ("items", "reference: NYus60ys7wST4XBy", "reference: N-1", "- {id: 4693", "reference: "),
    "stamp without offset": (
        "roles",
        "created_at: '2024-12-02T11:52:10.114Z'",
        "created_at: '2024-12-02T11:52:10'",
        "- {id: 3",
        "created_at: ",
    ),
    "value of another type": (
        "items",
        "homologado: true",
        "homologado: 'sim'",
        "- {id: 4693",
        "`data.homologado` must be true or false",
    ),
    "value of no field": (
        "items",
        "homologado: true",
        "cor: azul",
        "- {id: 4693",
        "`data.cor` is no active field of the type",
    ),
    "value missing": (
        "items",
        "razao_social: Papelaria Central Ltda., ",
        "",
        "- {id: 4693",
        "`data.razao_social` is required",
    ),
    "select without choices": (
        "fields",
        "options: {choices: [rascunho, vigente, encerrado]}, ",
        "",
        "- {id: 306",
        "a select field without choices",
    ),
    "default that is no choice": (
        "fields",
        "defaultValue: rascunho",
        "defaultValue: novo",
        "- {id: 306",
        "`defaultValue` must be one of",
    ),
    "two owners": (
        "members",
        "type: full, created_at: '2024-12-02T12:10",
        "type: owner, created_at: '2024-12-02T12:10",
        "- {id: 123",
        "the workspace has 2 owners. Fix: give it exactly one",
    ),
    "no owner": ("members", "type: owner", "type: full", "- {id: 123", "the workspace has 0 owners"),
    "no start stage": ("stages", "is_start: true", "is_start: false", "- {id: 9", "the flow has 0 start stages"),
    "two start stages": ("stages", "is_start: false", "is_start: true", "- {id: 9", "the flow has 2 start stages"),
    "form with a foreign field": ("forms", "field: 301", "field: 310", "- {id: 14", "the form names the field 310"),
    "form with an unknown field": ("forms", "field: 301", "field: 9999", "- {id: 14", "the form names the field 9999"),
    "group with a stranger": ("mgroups", "bruno.lima@", "joao.pereira@", "", "is no member of the workspace"),
    "unknown provider": (
        "integrations",
        "integration: 3",
        "integration: 9",
        "- {id: 12",
        "`integration` is 9. Fix: name a provider: 1 Certisign",
    ),
    "key as a whole number": (
        "api_keys",
        "key: en.DemoFullAccessCompanyAbc0000000001",
        "key: 5",
        "- id: 5983",
        "`key` is 5. Fix: make it a text",
    ),
    "scope of an unknown workspace": (
        "api_keys",
        "[company-abc, financeiro-abc]",
        "[company-xyz]",
        "- id: 5983",
        "`scope.workspaces` names 'company-xyz'",
    ),
    "unknown scope": ("api_keys", "global: [read]", "global: [admin]", "- id: 5984", "scope.global.0: "),
    "expiry without offset": (
        "api_keys",
        "'2025-07-10T14:00:00.000Z'",
        "'2025-07-10T14:00:00'",
        "- id: 5985",
        "expires_at",
    ),
    "expiry as a number": ("api_keys", "'2025-07-10T14:00:00.000Z'", "2025", "- id: 5985", "expires_at"),
    "end of a session without offset": (
        "sessions",
        "expires_at: null",
        "expires_at: '2030-01-01T00:00:00'",
        "- id: 1",
        "`expires_at` is '2030-01-01T00:00:00'",
    ),
    "users as a number": (
        "quick_tasks",
        "limit_access: {users: [], roles",
        "limit_access: {users: 5, roles",
        "- {id: 529",
        "`limit_access.users` is 5. Fix: make it a list",
    ),
    "audience as a list": (
        "quick_tasks",
        "limit_access: {users: [], roles: [], mgroups: [301]}",
        "limit_access: [301]",
        "- {id: 529",
        "`limit_access.users` is not where it should be",
    ),
    "key that is no text": ("items", "salario: 6350", "5: 6350", "- {id: 4696", "the key 5 is not a text"),
    "infinite number": ("items", "salario: 6350", "salario: .inf", "- {id: 4696", "inf is not a number of JSON"),
    "bytes": ("types", "icon: users", "icon: !!binary aGk=", "- {id: 13", "is not plain"),
}


@pytest.mark.parametrize(("file", "old", "new", "start", "message"), EDITS.values(), ids=EDITS)
def test_fixtures__broken_row(
    serve: Serve, tmp_path: Path, file: str, old: str, new: str, start: str, message: str
) -> None:
    text = (SHIPPED / f"{file}.yaml").read_text(encoding="utf-8")
    assert old in text, "the shipped fixtures have changed"
    with_file(tmp_path, f"{file}.yaml", text.replace(old, new, 1))
    result = serve(tmp_path)
    match = re.search(r"(\w+\.yaml):(\d+): ", result.stderr)
    assert match is not None, result.output
    line = (tmp_path / match[1]).read_text(encoding="utf-8").splitlines()[int(match[2]) - 1]
    assert line.startswith(start), line
    assert_stopped(result, f"{tmp_path / match[1]}:{match[2]}", message)


def test_fixtures__fields_of_a_form_as_a_text(serve: Serve, tmp_path: Path) -> None:
    text = (SHIPPED / "forms.yaml").read_text(encoding="utf-8")
    path = with_file(tmp_path, "forms.yaml", re.sub(r"fields: \[.*?\n   \]", "fields: all", text, count=1, flags=re.S))
    assert_stopped(serve(tmp_path), f"{path}:2", "`fields` is 'all'. Fix: make it a list such as")


FILES: dict[str, tuple[str | bytes, int | None, str]] = {
    "tab": ("- {id: 1}\n\t- {id: 2}\n", 2, "not readable as YAML: "),
    "two documents": ("- {id: 1}\n---\n- {id: 2}\n", 2, "not readable as YAML: "),
    "a map": ("id: 1\n", 1, "not a list. Fix: start each row with `- `"),
    "an empty map": ("{}\n", 1, "not a list"),
    "false": ("false\n", 1, "not a list"),
    "undecodable": (b"- {id: 1, name: \xff}\n", None, "not readable: "),
    "control character": (b"- {id: 1, name: a\x00}\n", None, "not readable as YAML: "),
    "no number": ("- {id: !!int abc}\n", None, "not readable as YAML: "),
    "too deep": ("- " + "[" * 10_000 + "]" * 10_000, 1, "not readable as YAML: nested deeper than 100 levels"),
    "row that contains itself": ("- &a {id: 1, settings: *a}\n", 1, "aliases without end"),
}


@pytest.mark.parametrize(("content", "line", "message"), FILES.values(), ids=FILES)
def test_fixtures__unreadable_file(
    serve: Serve, tmp_path: Path, content: str | bytes, line: int | None, message: str
) -> None:
    path = with_file(tmp_path, "types.yaml", content)
    assert_stopped(serve(tmp_path), str(path) if line is None else f"{path}:{line}", message)


def test_fixtures__folder_in_the_place_of_a_file(serve: Serve, tmp_path: Path) -> None:
    path = with_file(tmp_path, "types.yaml", "")
    path.unlink()
    path.mkdir()
    assert_stopped(serve(tmp_path), str(path), "not readable: ")


def test_fixtures__file_in_the_place_of_the_folder(serve: Serve) -> None:
    assert_stopped(serve(SHIPPED / "types.yaml"), str(SHIPPED / "types.yaml"), "no such folder")


@pytest.mark.parametrize("content", ["", "# nothing yet\n", "[]\n", "null\n"], ids=["empty", "comment", "[]", "null"])
def test_fixtures__file_without_rows_is_fine(serve: Serve, tmp_path: Path, content: str) -> None:
    with_file(tmp_path, "quick_tasks.yaml", content)
    assert serve(tmp_path).exit_code == 0


def test_fixtures__shipped_are_fine(serve: Serve) -> None:
    assert serve(SHIPPED).exit_code == 0


# -------- Any value anywhere ---------------------------------------------------------------------

_STAMPS = {"created_at": "2026-03-12T20:55:53.111Z", "updated_at": "2026-03-12T20:55:53.132Z"}
_HERE = {"workspace": "abc", "created_at": _STAMPS["created_at"], "updated_at": _STAMPS["updated_at"]}
_TYPE = {**_HERE, "item_type": "ativos"}
_NOBODY: dict[str, list[int]] = {"users": [], "roles": [], "mgroups": []}
# One row for each collection, with all its members.
WHOLE: dict[str, dict[str, Any]] = {
    "users": {"email": "ana@abc.com.br", "fname": "Ana", "lname": "Souza", "created_at": _STAMPS["created_at"]},
    "workspaces": {"name": "ABC", "slug": "abc", "description": "x", "icon": None, "language": "pt", "settings": {}}
    | _STAMPS,
    "api_keys": {"key": "en.a", "description": "x", "reference": "AbCdEfGh12345678", "user": "ana@abc.com.br"}
    | {"scope": {"global": ["read"], "workspaces": ["abc"]}, "expires_at": "2030-01-01T00:00:00Z"}
    | _STAMPS,
    "sessions": {"token": "t", "description": "x", "reference": "s", "user": 1, "expires_at": "2030-01-01T00:00:00Z"},
    "roles": {"name": "Gestor", "description": "x"} | _HERE,
    "members": {"user": 1, "type": "owner", "role": 1, "status": "active", "v1": False, "favorite": True} | _HERE,
    "mgroups": {"name": "RH", "users": [1]} | _HERE,
    "types": {"name": "Ativos", "slug": "ativos", "description": "x", "icon": "x", "color": "x", "settings": {"a": "b"}}
    | {"status": "active"}
    | _HERE,
    "fields": {"name": "Cor", "slug": "cor", "type": "select", "position": 0, "required": True, "defaultValue": "azul"}
    | {"options": {"choices": ["azul"]}, "active": True, "config": {}, "native": False}
    | _TYPE,
    "forms": {"name": "Novo", "slug": "novo", "status": "active", "is_create": True, "user": 1, "description": "x"}
    | {"fields": [{"field": 1, "order": 0, "required": True}], "settings": {}}
    | _TYPE,
    "permissions": {"role": 1, "area": "items", "action": "read", "form": 1, "field": 1} | _TYPE,
    "flows": {"name": "Compra", "status": "active", "start_type": "always", "icon": "x", "user": 1} | _TYPE,
    "stages": {"flow": 1, "name": "Início", "status": "active", "progress_type": "manual", "is_start": True}
    | {"hex_color": "#FFFFFF", "icon": "x", "user": 1}
    | _TYPE,
    "integrations": {"integration": 4, "data": {"environment": "stage"}, "secrets": {}, "status": "active"} | _HERE,
    "tasks": {"flow": 1, "stage": 1, "name": "Ver", "action": "confirmation", "user": 1, "description": "x"}
    | {"status": "active", "settings": {}, "assignees": _NOBODY, "response_time": {"value": 1, "unit": "day"}}
    | {"success_trigger": {"action": "go_to_stage", "stage": 1}, "error_trigger": None}
    | {"conditions": [{"field": "cor", "operator": "eq", "value": "azul"}]}
    | _TYPE,
    "items": {"reference": "AbCdEfGh12345678", "data": {"cor": "azul"}, "user": 1, "form": 1, "stage": 1}
    | {"status": "active"}
    | _TYPE,
    "schedule_tasks": {"flow": 1, "stage": 1, "task": 1, "item": 1, "user": 1, "status": "pending"}
    | {"due_date": _STAMPS["created_at"], "completed_at": _STAMPS["created_at"]}
    | _TYPE,
    "quick_tasks": {"title": "Ligar", "user": 1, "description": "x", "kind": "approval", "status": "completed"}
    | {"priority": "low", "points": 1, "due_date": _STAMPS["created_at"], "assigned_to": 1, "limit_access": _NOBODY}
    | {"item": 1, "approval": "approved", "completed_at": _STAMPS["created_at"]}
    | _HERE,
}
ODD: list[Any] = [
    "x",
    "",
    5,
    -1,
    1.5,
    2**63,
    math.nan,
    True,
    None,
    [],
    [None],
    ["x"],
    [[]],
    {},
    {"x": []},
    {"users": 5},
]
# Members that accept any value of their kind: free texts and unchecked maps.
FREE = {"description", "name", "title", "icon", "color", "fname", "lname", "secrets", "config", "value", "settings"}
FREE |= {"key", "token", "hex_color", "progress_type", "status", "position", "order", "points", "data"}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """All places within a row."""
    if path:
        yield path
    if isinstance(value, (dict, list)):
        for name, part in value.items() if isinstance(value, dict) else enumerate(value):
            yield from places(part, (*path, name))


def kind(value: Any) -> str:
    return "number" if isinstance(value, (int, float)) and not isinstance(value, bool) else type(value).__name__


def written(folder: Path, rows: dict[str, Any]) -> Path:
    folder.mkdir()
    for name, row in rows.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump([{"id": 1, **row}], sort_keys=False), encoding="utf-8")
    return folder


def test_fixtures__whole_rows_are_fine(tmp_path: Path) -> None:
    world = load_world(written(tmp_path / "whole", WHOLE), contract(Settings().spec))
    assert [name for name, rows in world if len(rows) != 1] == []


@pytest.mark.parametrize("table", WHOLE)
def test_fixtures__odd_value_is_reported_with_its_row(table: str) -> None:
    """Without files: the cases above show that a row is reported with its file and line."""
    validator = FixtureValidator(contract(Settings().spec))
    taken, messages = [], []
    for path in places(WHOLE[table]):
        for odd in ODD:
            row, was = replaced(WHOLE[table], path, odd)
            rows = WHOLE | {table: row}
            try:
                validated_world(lambda name, rows=rows: [{"id": 1, **rows[name]}], validator)  # type: ignore[misc]
            except UnusableRow as error:
                messages.append(str(error))
            else:
                taken.append((path, was, odd))
    form = re.compile(r"\w+, row 1: .+\. Fix: .+\.")
    assert [text for text in messages if not form.fullmatch(text)] == []
    wrongly = [
        (path, was, odd)
        for path, was, odd in taken
        if kind(was) != kind(odd) and odd is not None and was is not None and not FREE & set(path)
    ]
    assert wrongly == []
    assert len(messages) > len(taken)


def replaced(row: dict[str, Any], path: tuple[Any, ...], value: Any) -> tuple[dict[str, Any], Any]:
    """The row with another value at the path, and what was there."""
    row = copy.deepcopy(row)
    holder: Any = row
    for name in path[:-1]:
        holder = holder[name]
    was, holder[path[-1]] = holder[path[-1]], value
    return row, was
