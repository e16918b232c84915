"""Validation of records against the contract and against the rules about single records.

Every world that handlers can create is valid.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.clock import parse_instant
from mockserver.contract.document import Document
from mockserver.contract.schemas import Schemas
from mockserver.enspace import values, views
from mockserver.enspace.providers import PROVIDERS
from mockserver.enspace.tables import TABLES
from mockserver.fixture_files.fixture_reader import RowFault, UnusableRow, locate, read_rows, world_of
from mockserver.state.table import Record, Relation, read_member
from mockserver.state.world import World


@dataclass(frozen=True)
class RecordView:
    """The function that returns the view of a record, and its schema in the contract."""

    show: Callable[[World, Record], Record]
    schema: str


_VIEWS: dict[str, RecordView] = {
    "users": RecordView(lambda world, record: views.user(world, record["id"]), "User"),
    "workspaces": RecordView(lambda world, record: views.workspace(world, record, _owner(world, record)), "Workspace"),
    "roles": RecordView(views.role, "Role"),
    "members": RecordView(views.member, "Member"),
    "mgroups": RecordView(views.member_group, "MemberGroup"),
    "types": RecordView(views.type, "Type"),
    "fields": RecordView(views.field, "Field"),
    "forms": RecordView(views.form, "Forms"),
    "permissions": RecordView(views.permission, "Permission"),
    "flows": RecordView(views.flow, "Flow"),
    "stages": RecordView(views.stage, "Stage"),
    "integrations": RecordView(views.integration, "Integrations"),
    "tasks": RecordView(views.task, "Tasks"),
    "items": RecordView(views.item, "Item"),
    "schedule_tasks": RecordView(views.schedule_task, "ScheduleTask"),
    "quick_tasks": RecordView(views.quick_task, "QuickTask"),
    "api_keys": RecordView(views.api_key, "UserApiKey"),
}

# The keywords of a member with which the dashboard builds a form.
_FORM_KEYWORDS = ("type", "format", "enum", "nullable", "description")


def load_world(folder: Path, document: Document) -> World:
    """Reads and validates a folder of fixtures. Raises `FixtureError` for the first invalid row."""
    try:
        return validated_world(partial(read_rows, folder), FixtureValidator(document))
    except UnusableRow as error:
        raise locate(folder, error) from error


def validated_world(rows_of: Callable[[str], Iterable[Any]], validator: FixtureValidator) -> World:
    """Creates a world from rows by collection. Raises `UnusableRow` for the first invalid row."""
    world = world_of(TABLES, rows_of)
    for name, collection in world:
        for number, record in enumerate(collection.as_put()):
            fault = next(validator.find_faults(world, name, record), None)
            if fault is not None:
                raise UnusableRow(name, number, fault)
    return world


def fits(world: World, document: Document) -> bool:
    """Whether the views of all records fit another contract; the rules do not depend on the contract."""
    validator = FixtureValidator(document)
    return not any(next(validator.view_faults(world, name, record), None) for name, each in world for record in each)


class FixtureValidator:
    """Validates single records of a world."""

    def __init__(self, document: Document) -> None:
        self._document = document
        known = document.raw.get("components", {}).get("schemas", {})
        schemas = Schemas(document, "response")
        self._validators = {
            table: schemas.validator({"$ref": f"#/components/schemas/{view.schema}"})
            for table, view in _VIEWS.items()
            if view.schema in known
        }

    def find_faults(self, world: World, table: str, record: Record) -> Iterator[RowFault]:
        """Yields the faults of a record: only those of the first step that finds any."""
        # The steps rely on each other: a record without a view cannot be validated any further.
        for find in (_early_faults, self.view_faults, _rule_faults):
            faults = list(find(world, table, record))
            yield from faults
            if faults:
                return

    def view_faults(self, world: World, table: str, record: Record) -> Iterator[RowFault]:
        """Validates the view of a record against its schema."""
        if table not in self._validators:
            return
        view = _VIEWS[table]
        for error in self._validators[table].iter_errors(view.show(world, record)):
            path = [str(name) for name in error.instance_path]
            member = path[0] if path and path[0] in record else None
            problem = f"{'.'.join(path) or 'the row'}: {error.message}"
            yield RowFault(member, problem, f"make it fit the schema {view.schema} of the contract")

    def properties(self, table: str) -> dict[str, Record]:
        """Returns type, format, choices and description of the members in the view of a record."""
        if table not in self._validators:
            return {}
        schema = self._document.at(("components", "schemas", _VIEWS[table].schema))
        members = {name: self._document.resolve(part) for name, part in schema.get("properties", {}).items()}
        return {name: {key: part[key] for key in _FORM_KEYWORDS if key in part} for name, part in members.items()}


def _early_faults(world: World, table: str, record: Record) -> Iterator[RowFault]:
    """Finds faults for which a record has no view."""
    if table in _BEFORE_VIEW:
        yield from _BEFORE_VIEW[table](world, record)


def _rule_faults(world: World, table: str, record: Record) -> Iterator[RowFault]:
    """Finds breaches of the rules."""
    for relation in world[table].table.relations:
        yield from _relation_faults(world, record, relation)
    if table in _RULES:
        yield from _RULES[table](world, record)


def _relation_faults(world: World, record: Record, relation: Relation) -> Iterator[RowFault]:
    """Finds related records of another workspace, type or flow. R5, R86."""
    ids = read_member(record, relation.member)
    for id in ids if relation.is_list else [ids]:
        other = world[relation.target].get(id) if id is not None else None
        if other is None:
            continue
        for member in ("workspace", "item_type", "flow"):
            if member in other and record.get(member) not in (None, other[member]):
                problem = f"`{relation.member}` names {relation.target} {id} of another {member}"
                yield RowFault(relation.member.partition(".")[0], problem, f"let both have the same {member}")


def _workspace_faults(world: World, record: Record) -> Iterator[RowFault]:
    owners = len(world["members"].where(workspace=record["id"], type="owner"))
    if owners != 1:  # R38
        yield RowFault(None, f"the workspace has {owners} owners", "give it exactly one member of type owner")


def _owner(world: World, record: Record) -> Record:
    return world["members"].where(workspace=record["id"], type="owner")[0]


def _flow_faults(world: World, record: Record) -> Iterator[RowFault]:
    starts = len(world["stages"].where(flow=record["id"], is_start=True))
    if starts != 1:  # R87
        yield RowFault(None, f"the flow has {starts} start stages", "set `is_start: true` on exactly one of its stages")


def _field_faults(world: World, record: Record) -> Iterator[RowFault]:
    if record["type"] == "select" and not values.choices_of(record):  # R73
        yield RowFault("options", "a select field without choices", "add `options: {choices: […]}`")
    default = values.default_of(record)
    if default is not None and (requirement := values.unmet_requirement(record, default)):  # R80
        yield RowFault("defaultValue", f"`defaultValue` {requirement}", "change or remove it")


def _item_faults(world: World, record: Record) -> Iterator[RowFault]:
    fields = world["fields"].where(item_type=record["item_type"])
    for fault in values.find_faults(fields, record["data"], is_whole=True):  # R77-R79
        yield RowFault("data", f"`{fault.member}` {fault.requirement}", "change it or the field")


def _form_faults(world: World, record: Record) -> Iterator[RowFault]:
    rows = record["fields"]
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        fix = "make it a list such as `[{field: 301, order: 0, required: true}]`"
        yield RowFault("fields", f"`fields` is {rows!r}", fix)
        return
    for row in rows:
        if [type(row.get(name)) for name in ("field", "order", "required")] != [int, int, bool]:
            fix = "write it as `{field: 301, order: 0, required: true}`"
            yield RowFault("fields", f"`fields` contains {row!r}", fix)
            return
        field = world["fields"].get(row["field"])
        if field is None or field["item_type"] != record["item_type"]:
            yield RowFault("fields", f"the form names the field {row['field']}", "name fields of its own type")


def _integration_faults(world: World, record: Record) -> Iterator[RowFault]:
    if type(record["integration"]) is not int or record["integration"] not in PROVIDERS:
        known = ", ".join(f"{provider.id} {provider.name}" for provider in PROVIDERS.values())
        yield RowFault("integration", f"`integration` is {record['integration']!r}", f"name a provider: {known}")
    if not isinstance(record["secrets"], dict):
        yield RowFault("secrets", f"`secrets` is {record['secrets']!r}", "leave it out")


def _member_faults(world: World, record: Record) -> Iterator[RowFault]:
    for name in ("v1", "favorite"):
        if not isinstance(record[name], bool):
            yield RowFault(name, f"`{name}` is {record[name]!r}", "make it true or false")


def _task_faults(world: World, record: Record) -> Iterator[RowFault]:
    if record["action"] == "use_integration":  # R92
        id = record["settings"].get("integration")
        integration = world["integrations"].get(id) if type(id) is int else None
        if integration is None or integration["workspace"] != record["workspace"]:
            yield RowFault("settings", "`settings.integration` names no integration of the workspace", "name one")
    for name in ("success_trigger", "error_trigger"):
        target = (record[name] or {}).get("stage")
        stage = None if target is None else world["stages"].get(target)
        if target is not None and (stage is None or stage["flow"] != record["flow"]):
            yield RowFault(name, f"`{name}.stage` names no stage of the flow", "name one")
    slugs = {field["slug"] for field in world["fields"].where(item_type=record["item_type"])}
    for condition in record["conditions"]:
        if condition["field"] not in slugs:
            problem = f"`conditions` names the field {condition['field']!r}"
            yield RowFault("conditions", problem, "name fields of the type by slug")


def _group_faults(world: World, record: Record) -> Iterator[RowFault]:
    find = world["members"].find
    for user in record["users"]:  # R64
        if find(("workspace", "user"), record["workspace"], user) is None:
            problem = f"the user {user} is no member of the workspace"
            yield RowFault("users", problem, "add the member or remove the user")


def _key_faults(world: World, record: Record) -> Iterator[RowFault]:
    yield from _secret_faults(record, "key")
    for slug in record["scope"]["workspaces"]:
        if world["workspaces"].find(("slug",), slug) is None:
            yield RowFault("scope", f"`scope.workspaces` names {slug!r}", "name workspaces of workspaces.yaml")


def _session_faults(world: World, record: Record) -> Iterator[RowFault]:
    yield from _secret_faults(record, "token")
    for name in ("description", "reference"):
        if not isinstance(record[name], str):
            yield RowFault(name, f"`{name}` is {record[name]!r}", "make it a text")


def _secret_faults(record: Record, member: str) -> Iterator[RowFault]:
    """Checks the secret that a client sends, and its expiry."""
    if not isinstance(record[member], str) or not record[member]:
        yield RowFault(member, f"`{member}` is {record[member]!r}", "make it a text")
    if record["expires_at"] is not None:
        try:
            parse_instant(record["expires_at"])
        except (TypeError, ValueError):
            fix = "write an instant such as '2026-03-12T20:55:53Z', or null"
            yield RowFault("expires_at", f"`expires_at` is {record['expires_at']!r}", fix)


_Rules: TypeAlias = dict[str, Callable[[World, Any], Iterator[RowFault]]]

# Checked first: without these a record has no view.
_BEFORE_VIEW: _Rules = {"workspaces": _workspace_faults, "forms": _form_faults, "integrations": _integration_faults}
_RULES: _Rules = {
    "api_keys": _key_faults,
    "sessions": _session_faults,
    "members": _member_faults,
    "mgroups": _group_faults,
    "fields": _field_faults,
    "flows": _flow_faults,
    "tasks": _task_faults,
    "items": _item_faults,
}


def emptied(world: World) -> World:
    """Returns a copy in which the workspaces have nothing but their owners."""
    empty = world.fork()
    with empty.transaction():
        for name in ("quick_tasks", "integrations", "mgroups", "roles", "types"):
            for record in list(empty[name]):
                empty.delete(name, record["id"])
        for member in list(empty["members"]):
            if member["type"] != "owner":
                empty.delete("members", member["id"])
    return empty
