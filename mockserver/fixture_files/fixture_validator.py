"""The fixtures of Enspace: read, then held against the contract and against the rules about single records.

A handler could not have made a world that this refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.clock import parse_instant
from mockserver.contract.document import Document
from mockserver.contract.schemas import Schemas
from mockserver.enspace import values, views
from mockserver.enspace.providers import PROVIDERS
from mockserver.enspace.tables import TABLES
from mockserver.fixture_files.fixture_reader import Misfit, RowError, fault_at, read_rows, world_of
from mockserver.state.table import Record, Relation, read_member
from mockserver.state.world import World

# How a row is shown, and the schema that the contract has for it.
_SHAPES: dict[str, tuple[Callable[[World, Record], Record], str]] = {
    "users": (lambda world, record: views.user(world, record["id"]), "User"),
    "workspaces": (lambda world, record: views.workspace(world, record, _owner(world, record)), "Workspace"),
    "roles": (views.role, "Role"),
    "members": (views.member, "Member"),
    "mgroups": (views.member_group, "MemberGroup"),
    "types": (views.type, "Type"),
    "fields": (views.field, "Field"),
    "forms": (views.form, "Forms"),
    "permissions": (views.permission, "Permission"),
    "flows": (views.flow, "Flow"),
    "stages": (views.stage, "Stage"),
    "integrations": (views.integration, "Integrations"),
    "tasks": (views.task, "Tasks"),
    "items": (views.item, "Item"),
    "schedule_tasks": (views.schedule_task, "ScheduleTask"),
    "quick_tasks": (views.quick_task, "QuickTask"),
    "api_keys": (views.api_key, "UserApiKey"),
}

# What a form needs to know of a member.
_TOLD = ("type", "format", "enum", "nullable", "description")

_Fault = tuple[str, str]  # a problem and its mend


def load_world(folder: Path, document: Document) -> World:
    """The world of a folder of fixtures. `FixtureError` for the first row that contract or rules do not allow."""
    try:
        return judged_world(partial(read_rows, folder), FixtureValidator(document))
    except Misfit as misfit:
        raise fault_at(folder, misfit.table, misfit.number, misfit.error) from misfit


def judged_world(rows_of: Callable[[str], Iterable[Any]], judge: FixtureValidator) -> World:
    """The world of these rows by collection. `Misfit` for the first one that contract or rules do not allow."""
    world = world_of(TABLES, rows_of)
    for name, collection in world:
        for number, record in enumerate(collection.as_put()):
            fault = next(judge.faults(world, name, record), None)
            if fault is not None:
                raise Misfit(name, number, RowError(*fault))
    return world


def fits(world: World, document: Document) -> bool:
    """True if every record of a world can be shown as the contract says; the rules do not change with it."""
    judge = FixtureValidator(document)
    return not any(next(judge.shape_faults(world, name, record), None) for name, each in world for record in each)


class FixtureValidator:
    """Holds single records against the contract and the rules."""

    def __init__(self, document: Document) -> None:
        self._schemas = Schemas(document, "response")
        self._known: dict[str, Record] = document.raw.get("components", {}).get("schemas", {})
        self._shapes = {table: shape for table, shape in _SHAPES.items() if shape[1] in self._known}
        self._validators: dict[str, Any] = {}

    def faults(self, world: World, table: str, record: Record) -> Iterator[_Fault]:
        """What contract and rules have against a record of the world, each with its mend; the worst comes first."""
        for judge in (_early_faults, self.shape_faults, _rule_faults):
            faults = list(judge(world, table, record))
            yield from faults
            if faults:
                return  # what has no shape cannot be judged any further

    def properties(self, table: str) -> dict[str, Record]:
        """What the contract says of the members that a record shows under their own name: type, format, choices."""
        if table not in self._shapes:
            return {}
        schema = self._schema(self._shapes[table][1])
        told = {name: self._resolved(each) for name, each in schema.get("properties", {}).items()}
        return {name: {word: each[word] for word in _TOLD if word in each} for name, each in told.items()}

    def _schema(self, name: str) -> Record:
        schema: Record = self._known[name]
        return schema

    def _resolved(self, schema: Record) -> Record:
        return self._schema(schema["$ref"].rpartition("/")[2]) if "$ref" in schema else schema

    def shape_faults(self, world: World, table: str, record: Record) -> Iterator[_Fault]:
        """What keeps the record from being shown as the contract says."""
        if table not in self._shapes:
            return
        show, schema = self._shapes[table]
        for error in self._validator(schema).iter_errors(show(world, record)):
            place = ".".join(map(str, error.instance_path)) or "the row"
            yield f"{place}: {error.message}", f"make it fit the schema {schema} of the contract"

    def _validator(self, schema: str) -> Any:
        if schema not in self._validators:
            self._validators[schema] = self._schemas.validator({"$ref": f"#/components/schemas/{schema}"})
        return self._validators[schema]


def _early_faults(world: World, table: str, record: Record) -> Iterator[_Fault]:
    """What keeps a record from being shown at all."""
    if table in _BEFORE:
        yield from _BEFORE[table](world, record)


def _rule_faults(world: World, table: str, record: Record) -> Iterator[_Fault]:
    """What the rules have against one record."""
    for relation in world[table].table.relations:
        yield from _relation_faults(world, record, relation)
    if table in _RULES:
        yield from _RULES[table](world, record)


def _relation_faults(world: World, record: Record, relation: Relation) -> Iterator[_Fault]:
    """R5, R86: what belongs together is of one workspace, one type and one flow."""
    told = read_member(record, relation.member)
    for id in told if relation.is_list else [told]:
        other = world[relation.target].get(id) if id is not None else None
        if other is None:
            continue
        for member in ("workspace", "item_type", "flow"):
            differs = member in other and record.get(member) not in (None, other[member])
            if differs:
                mend = f"let both have the same {member}"
                yield f"`{relation.member}` names {relation.target} {id} of another {member}", mend


def _workspace_faults(world: World, record: Record) -> Iterator[_Fault]:
    owners = len(world["members"].where(workspace=record["id"], type="owner"))
    if owners != 1:  # R38
        yield f"the workspace has {owners} owners", "give it exactly one member of type owner"


def _owner(world: World, record: Record) -> Record:
    return world["members"].where(workspace=record["id"], type="owner")[0]


def _flow_faults(world: World, record: Record) -> Iterator[_Fault]:
    starts = len(world["stages"].where(flow=record["id"], is_start=True))
    if starts != 1:  # R87
        yield f"the flow has {starts} start stages", "set `is_start: true` on exactly one of its stages"


def _field_faults(world: World, record: Record) -> Iterator[_Fault]:
    if record["type"] == "select" and not values.choices_of(record):  # R73
        yield "a select field without choices", "add `options: {choices: […]}`"
    default = values.default_of(record)
    if default is not None and (demand := values.demand_of(record, default)):  # R80
        yield f"`defaultValue` {demand}", "change or remove it"


def _item_faults(world: World, record: Record) -> Iterator[_Fault]:
    fields = world["fields"].where(item_type=record["item_type"])
    for place, _, demand in values.faults_of(fields, record["data"], is_whole=True):  # R77-R79
        yield f"`{place}` {demand}", "change it or the field"


def _line_faults(world: World, record: Record) -> Iterator[_Fault]:
    lines = record["fields"]
    if not isinstance(lines, list) or not all(isinstance(line, dict) for line in lines):
        yield f"`fields` is {lines!r}", "make it a list such as `[{field: 301, order: 0, required: true}]`"
        return
    for line in lines:
        if [type(line.get(name)) for name in ("field", "order", "required")] != [int, int, bool]:
            yield f"`fields` holds {line!r}", "write it as `{field: 301, order: 0, required: true}`"
            return
        field = world["fields"].get(line["field"])
        if field is None or field["item_type"] != record["item_type"]:
            yield f"the form names the field {line['field']}", "name fields of its own type"


def _provider_faults(world: World, record: Record) -> Iterator[_Fault]:
    if type(record["integration"]) is not int or record["integration"] not in PROVIDERS:
        known = ", ".join(f"{provider.id} {provider.name}" for provider in PROVIDERS.values())
        yield f"`integration` is {record['integration']!r}", f"name a provider: {known}"
    if not isinstance(record["secrets"], dict):
        yield f"`secrets` is {record['secrets']!r}", "leave it out"


def _link_faults(world: World, record: Record) -> Iterator[_Fault]:
    for name in ("v1", "favorite"):
        if not isinstance(record[name], bool):
            yield f"`{name}` is {record[name]!r}", "make it true or false"


def _task_faults(world: World, record: Record) -> Iterator[_Fault]:
    if record["action"] == "use_integration":  # R92
        id = record["settings"].get("integration")
        integration = world["integrations"].get(id) if type(id) is int else None
        if integration is None or integration["workspace"] != record["workspace"]:
            yield "`settings.integration` names no integration of the workspace", "name one"
    for name in ("success_trigger", "error_trigger"):
        target = (record[name] or {}).get("stage")
        stage = None if target is None else world["stages"].get(target)
        if target is not None and (stage is None or stage["flow"] != record["flow"]):
            yield f"`{name}.stage` names no stage of the flow", "name one"
    slugs = {field["slug"] for field in world["fields"].where(item_type=record["item_type"])}
    for condition in record["conditions"]:
        if condition["field"] not in slugs:
            yield f"`conditions` names the field {condition['field']!r}", "name fields of the type by slug"


def _group_faults(world: World, record: Record) -> Iterator[_Fault]:
    find = world["members"].find
    for user in record["users"]:  # R64
        if find(("workspace", "user"), record["workspace"], user) is None:
            yield f"the user {user} is no member of the workspace", "add the member or take the user out"


def _key_faults(world: World, record: Record) -> Iterator[_Fault]:
    yield from _secret_faults(record, "key")
    for slug in record["scope"]["workspaces"]:
        if world["workspaces"].find(("slug",), slug) is None:
            yield f"`scope.workspaces` names {slug!r}", "name workspaces of workspaces.yaml"


def _session_faults(world: World, record: Record) -> Iterator[_Fault]:
    yield from _secret_faults(record, "token")
    for name in ("description", "reference"):
        if not isinstance(record[name], str):
            yield f"`{name}` is {record[name]!r}", "make it a text"


def _secret_faults(record: Record, member: str) -> Iterator[_Fault]:
    """What a client sends, and until when it may."""
    if not isinstance(record[member], str) or not record[member]:
        yield f"`{member}` is {record[member]!r}", "make it a text"
    if record["expires_at"] is not None:
        try:
            parse_instant(record["expires_at"])
        except (TypeError, ValueError):
            mend = "write an instant such as '2026-03-12T20:55:53Z', or null"
            yield f"`expires_at` is {record['expires_at']!r}", mend


_Rules: TypeAlias = dict[str, Callable[[World, Any], Iterator[_Fault]]]

# Judged first: without these a row cannot even be shown.
_BEFORE: _Rules = {"workspaces": _workspace_faults, "forms": _line_faults, "integrations": _provider_faults}
_RULES: _Rules = {
    "api_keys": _key_faults,
    "sessions": _session_faults,
    "members": _link_faults,
    "mgroups": _group_faults,
    "fields": _field_faults,
    "flows": _flow_faults,
    "tasks": _task_faults,
    "items": _item_faults,
}


def emptied(world: World) -> World:
    """A copy in which the workspaces hold nothing but their owner."""
    empty = world.fork()
    with empty.transaction():
        for name in ("quick_tasks", "integrations", "mgroups", "roles", "types"):
            for record in list(empty[name]):
                empty.delete(name, record["id"])
        for member in list(empty["members"]):
            if member["type"] != "owner":
                empty.delete("members", member["id"])
    return empty
