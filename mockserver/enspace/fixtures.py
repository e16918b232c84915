"""The fixtures of Enspace: read, then held against the contract and against the rules about single records.

A handler could not have made a world that this refuses.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from mockserver.clock import parse_instant
from mockserver.contract.document import Document
from mockserver.contract.schemas import Schemas
from mockserver.enspace import values, views
from mockserver.enspace.providers import PROVIDERS
from mockserver.enspace.tables import TABLES
from mockserver.state.fixtures import RowError, fault_at, read_world
from mockserver.state.tables import Record, Relation, read_member
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

_Fault = tuple[str, str]


def load_world(folder: Path, document: Document) -> World:
    """The world of a folder of fixtures. `FixtureError` for the first row that contract or rules do not allow."""
    world = read_world(folder, TABLES)
    schemas = Schemas(document, "response")
    known = document.raw.get("components", {}).get("schemas", {})
    for name, collection in world:
        faults_of = _shape_check(world, schemas, known, name)
        for number, record in enumerate(collection.as_put()):
            before = _BEFORE[name](world, record) if name in _BEFORE else ()
            fault = next(chain(before, faults_of(record), _rule_faults(world, name, record)), None)
            if fault is not None:
                raise fault_at(folder, name, number, RowError(*fault))
    return world


def fits(world: World, document: Document) -> bool:
    """True if every record of a world can be shown as the contract says; the rules do not change with it."""
    schemas = Schemas(document, "response")
    known = document.raw.get("components", {}).get("schemas", {})
    checks = ((collection, _shape_check(world, schemas, known, name)) for name, collection in world)
    return not any(next(faults_of(record), None) for collection, faults_of in checks for record in collection)


def _shape_check(
    world: World, schemas: Schemas, known: Container[str], table: str
) -> Callable[[Record], Iterator[_Fault]]:
    """A function of a record: what keeps it from being shown as the contract says."""
    show, schema = _SHAPES.get(table, (None, ""))
    if show is None or schema not in known:
        return lambda record: iter(())
    validator = schemas.validator({"$ref": f"#/components/schemas/{schema}"})

    def faults_of(record: Record) -> Iterator[_Fault]:
        for error in validator.iter_errors(show(world, record)):
            place = ".".join(map(str, error.instance_path)) or "the row"
            yield f"{place}: {error.message}", f"make it fit the schema {schema} of the contract"

    return faults_of


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
