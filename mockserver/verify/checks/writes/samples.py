"""Sample bodies for creations and updates: small, with the mark of the run in every name.

The only part of the checks that knows the members of Enspace's records. Operations that are not here create nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import count
from typing import Any

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.contract.promises import value_at
from mockserver.contract.walk import properties_of
from mockserver.verify.probe import Probe, planted_secret
from mockserver.verify.received import Keys, Record

Body = dict[str, Any]

# A value for each kind of field, and the schema of all its values.
ITEM_VALUES: Body = {"text": "as sent", "number": 12.5, "boolean": True, "date": "2026-03-20", "select": "first"}
ITEM_VALUES |= {"email": "Some.One@example.com", "url": "https://example.com/a"}
KINDS: dict[str, Schema] = {
    "text": {"type": "string"},
    "number": {"type": "number", "nullable": True, "default": 7},
    "boolean": {"type": "boolean", "nullable": True, "default": False},
    "date": {"type": "string", "format": "date", "nullable": True, "default": "2026-01-31"},
    "select": {"type": "string", "enum": ["first", "second"], "nullable": True, "default": "second"},
    "email": {"type": "string", "format": "email", "nullable": True},
    "url": {"type": "string", "format": "uri", "nullable": True},
}
_TYPE = ("item_type", "slug")
Sample = Callable[[Probe, str], tuple[Keys, Body] | None]

# Names must be unique among all samples of a process. With four digits each, one number can replace another one.
_numbers = count(1000)


def next_number() -> int:
    """Returns a number that no other sample of the process has."""
    return next(_numbers)


def sample_body(probe: Probe, operation: Operation) -> tuple[Keys, Body] | None:
    """Returns path keys and a body for a new record; None if there is no sample for the operation."""
    sample = SAMPLES.get(operation.id)
    return sample(probe, f"{probe.mark} {next_number()}") if sample else None


def sample_bodies(probe: Probe, operation: Operation) -> list[tuple[Keys, Body]]:
    """Returns the sample of an operation, and one whose relations are filled in if the run may create that one."""
    own = sample_body(probe, operation)
    return [*([own] if own else []), *related_samples(probe, operation)[:1]]


def related_samples(probe: Probe, operation: Operation) -> list[tuple[Keys, Body]]:
    """Returns samples whose relations are filled in, each below another parent, if the run may create them."""
    return _items_in_flows(probe) if operation.id == "createItem" and probe.is_alone else []


def known_members(probe: Probe, operation: Operation) -> dict[str, Schema]:
    """Returns the schemas of members of a body that rules describe beyond the contract."""
    if operation.id not in ("createItem", "updateItem"):
        return {}
    values = {f"{probe.mark}-{kind}": schema for kind, schema in KINDS.items()}
    required = [f"{probe.mark}-text"]
    return {"data": {"type": "object", "properties": values, "required": required, "additionalProperties": True}}


def changed_bodies(operation: Operation, body: Body) -> list[Body]:
    """Returns bodies that each change one member of a record created with `body`."""
    if operation.id in CHANGES:
        return [CHANGES[operation.id]]
    name = "title" if "title" in body else "name"
    described = [{"description": "Changed by a verification"}] if "description" in body else []
    return [{name: f"{body.get(name, '')} changed"}, *described]


def choices(probe: Probe, write: Operation | None) -> list[Record]:
    """Returns a body for each value of each member that has an enum, or is a boolean."""
    members = properties_of(probe.contract.document, write.body.schema if write and write.body else {})
    flag = [True, False]
    return [
        {name: value}
        for name, schema in members.items()
        for value in schema.get("enum", flag if schema.get("type") == "boolean" else [])
    ]


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _type(probe: Probe, name: str) -> tuple[Keys, Body]:
    texts = {"description": "Created by a verification", "icon": "file-text", "color": "#1E88E5"}
    return {}, {"name": name, "slug": _slug(name), **texts}


def _field(probe: Probe, name: str) -> tuple[Keys, Body] | None:
    keys = _own_type(probe)
    return None if keys is None else (keys, {"name": name, "slug": _slug(name), "type": "text", "required": False})


def _item(probe: Probe, name: str) -> tuple[Keys, Body] | None:
    keys = _own_type(probe)
    if keys is None:
        return None
    # A type without fields accepts items without data, which would show nothing.
    for kind in KINDS:
        probe.shared_record("createField", partial(_item_field, probe, keys, kind), kind)
    data = {f"{probe.mark}-{kind}": value for kind, value in ITEM_VALUES.items()}
    return keys, {"data": data, "status": "active"}


def _items_in_flows(probe: Probe) -> list[tuple[Keys, Body]]:
    """Returns an item of each type that has a flow and a form: its stage and its form are set."""
    flows, forms = (probe.first_list(_resource(probe, name), {}) for name in ("listFlows", "listCreateForms"))
    slugs = [slug for flow in flows if isinstance(slug := value_at(flow, _TYPE), str)]
    known = [form for form in forms if value_at(form, _TYPE) in slugs]
    first = {value_at(form, _TYPE): form for form in known[::-1]}
    return [_item_in_flow(probe, form) for form in known if form is first[value_at(form, _TYPE)]]


def _item_in_flow(probe: Probe, form: Record) -> tuple[Keys, Body]:
    keys = {"slug": value_at(form, _TYPE)}
    fields = probe.first_list(_resource(probe, "listFields"), keys)
    data = {field.get("slug"): _item_value(field) for field in fields if field.get("active")}
    known = {slug: value for slug, value in data.items() if value is not None}
    return keys, {"data": known, "form": form.get("id")}


def _item_value(field: Record) -> Any:
    """Returns a value for a field of an item; None for a kind of field that is not documented."""
    choices = value_at(field, ("options", "choices"))
    if field.get("type") == "select":
        return choices[0] if isinstance(choices, list) and choices else None
    return ITEM_VALUES.get(str(field.get("type")))


def _item_field(probe: Probe, keys: Keys, kind: str) -> tuple[Keys, Body]:
    # Choices that the options win over.
    others = {"config": {"choices": ["third"]}}
    more: Body = {"options": {"choices": KINDS[kind]["enum"]}} | others if "enum" in KINDS[kind] else {}
    more |= {"defaultValue": str(KINDS[kind]["default"]).lower()} if "default" in KINDS[kind] else {}
    named = {"name": f"{probe.mark} {kind}", "slug": f"{probe.mark}-{kind}"}
    return keys, named | {"type": kind, "required": kind == "text"} | more


def _role(probe: Probe, name: str) -> tuple[Keys, Body]:
    return {}, {"name": name, "description": "Created by a verification"}


def _permission(probe: Probe, name: str) -> tuple[Keys, Body] | None:
    # A role of its own: a second permission of the same kind would be refused.
    record = probe.shared_record("createRole", lambda: _role(probe, f"{name} holder"), name)
    return ({"roleId": record["id"]}, {"area": "items", "action": "read"}) if record else None


def _group(probe: Probe, name: str) -> tuple[Keys, Body]:
    return {}, {"name": name}


def _quick_task(probe: Probe, name: str) -> tuple[Keys, Body]:
    return {}, {"title": name, "description": "Created by a verification", "priority": "low", "points": 3}


def _member(probe: Probe, name: str) -> tuple[Keys, Body]:
    return {}, {"email": f"{_slug(name)}@example.com", "type": "standard"}


def _task(probe: Probe, name: str) -> tuple[Keys, Body] | None:
    stages = probe.first_list(_resource(probe, "listStages"), {})
    # Of the first type, whose fields the conditions of the task may name.
    first = next(iter(probe.parents(_resource(probe, "listFields"), most=1)), {}).get("slug")
    # Where items begin: a new item then shows what its task does.
    stages = sorted(stages, key=lambda stage: (value_at(stage, _TYPE) != first, stage.get("is_start") is not True))
    return ({}, {"name": name, "action": "confirmation", "stage": stages[0]["id"]}) if stages else None


def _integration(probe: Probe, name: str) -> tuple[Keys, Body]:
    # The provider with this id accepts an `api_key`, a write-only member that no response may contain.
    return {}, {"integration": 7, "data": {"environment": "stage", "api_key": planted_secret(probe.mark)}}


def _own_type(probe: Probe) -> Keys | None:
    record = probe.shared_record("createType", lambda: _type(probe, f"{probe.mark} {next_number()} holder"))
    return {"slug": record["slug"]} if record else None


def _resource(probe: Probe, operation: str) -> Any:
    return next(
        resource
        for resource in probe.contract.resources
        if operation in (resource.listing.id, resource.create.id if resource.create else "")
    )


SAMPLES: dict[str, Sample] = {
    "createType": _type,
    "createField": _field,
    "createItem": _item,
    "createRole": _role,
    "addRolePermission": _permission,
    "createMemberGroup": _group,
    "createQuickTask": _quick_task,
    "createMember": _member,
    "createTask": _task,
    "createIntegration": _integration,
}

CHANGES: dict[str, Body] = {
    "updateField": {"position": 5},
    "updateItem": {"status": "inactive"},
    "updateMember": {"type": "viewer"},
}
