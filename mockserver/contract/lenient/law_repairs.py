"""Repairs by the laws of `lint`: for each law without which a document cannot be served, how a breach is read."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from itertools import chain, count
from typing import Any

from mockserver.contract.document import Document, Pointer, pointer_of
from mockserver.contract.lenient.notes import Notes, Raw
from mockserver.contract.lenient.openapi31 import NULL
from mockserver.contract.lint import (
    form_laws,
    operation_laws,
    parameter_laws,
    path_laws,
    reference_laws,
    response_laws,
    schema_laws,
)
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.grammar import COMBINATIONS
from mockserver.contract.lint.lint_problem import BrokenLaw, Law
from mockserver.contract.path_matcher import key_names, shape_of

_ROUNDS = 4

# Changes the document at the pointer of a broken law; returns how the place is read.
Repair = Callable[[Raw, Pointer], str]


def repair_by_laws(raw: Raw, document: Document, notes: Notes) -> None:
    """Repairs everything in place that a law finds, one law after the other."""
    contract = ContractIndex(replace(document, raw=raw))
    # Nothing can repair these, and other laws would follow the references without end.
    if any(next(law(contract), None) for law in (reference_laws.references_resolve, reference_laws.references_end)):
        return
    for law, repair in _REPAIRS.items():
        for _ in range(_ROUNDS):
            broken = list(law(contract))
            # From the end, so that the indexes of earlier entries stay right.
            for each in sorted(broken, key=_position, reverse=True):
                assert isinstance(each.where, tuple)
                notes.add(each.where, f"{each.problem}: {repair(raw, each.where)}")
            if not broken:
                break
            contract = ContractIndex(contract.document)


def _position(broken: BrokenLaw) -> tuple[tuple[int, str], ...]:
    assert isinstance(broken.where, tuple)
    return tuple((key, "") if isinstance(key, int) else (0, key) for key in broken.where)


def _at(raw: Raw, pointer: Pointer) -> Any:
    value: Any = raw
    for key in pointer:
        value = value[key]
    return value


def _remove(raw: Raw, pointer: Pointer) -> str:
    key: Any = pointer[-1]
    parent = _at(raw, pointer[:-1])
    if isinstance(parent, list) or key in parent:
        del parent[key]
    return "ignored"


def _remove_path(raw: Raw, pointer: Pointer) -> str:
    raw["paths"].pop(pointer[1], None)
    return "left out"


def _start_with_slash(raw: Raw, pointer: Pointer) -> str:
    paths = raw["paths"]
    item = paths.pop(pointer[1])
    if str(pointer[1]).startswith("x-"):
        return "ignored"
    paths.setdefault(f"/{pointer[1]}", item)
    return "read with a slash"


def _make_required(raw: Raw, pointer: Pointer) -> str:
    _at(raw, pointer)["required"] = True
    return "required"


def _declare_keys(raw: Raw, pointer: Pointer) -> str:
    operation, path = _at(raw, pointer), str(pointer[1])
    known = {
        part.get("name")
        for part in (*operation.get("parameters", ()), *raw["paths"][path].get("parameters", ()))
        if part.get("in") == "path"
    }
    operation["parameters"] = [
        *operation.get("parameters", ()),
        *(
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in dict.fromkeys(key_names(path))
            if name not in known
        ),
    ]
    return "any text"


def _merge_path(raw: Raw, pointer: Pointer) -> str:
    """Moves the operations to the first of two equal paths, whose names of keys they get."""
    paths, path = raw["paths"], str(pointer[1])
    first = next(other for other in paths if shape_of(other) == shape_of(path))
    moved = paths.pop(path)
    names = dict(zip(key_names(path), key_names(first), strict=True))
    for method, operation in moved.items():
        if isinstance(operation, dict) and method not in paths[first]:
            parameters = [*moved.get("parameters", ()), *operation.get("parameters", ())]
            operation["parameters"] = [_renamed(part, names) for part in parameters]
            paths[first][method] = operation
    return f"served as `{first}`"


def _renamed(parameter: Raw, names: dict[str, str]) -> Raw:
    if parameter.get("in") != "path":
        return parameter
    return {**parameter, "name": names.get(parameter["name"], parameter["name"])}


def _any_text(raw: Raw, pointer: Pointer) -> str:
    parameter = _at(raw, pointer)
    parameter.pop("content", None)
    parameter["schema"] = {"type": "string"}
    return "any text"


def _any_text_schema(raw: Raw, pointer: Pointer) -> str:
    parameter = _at(raw, pointer[:-1])
    schema = _resolved(raw, parameter["schema"])
    if (simpler := _without_null(raw, schema)) != schema:
        parameter["schema"] = simpler
        return "never null, which no text expresses"
    kinds = {_resolved(raw, part).get("type") for part in (schema, *schema.get("anyOf", ()), *schema.get("oneOf", ()))}
    if "array" in kinds:
        parameter["schema"] = {"type": "array", "items": {"type": "string"}}
        return "any texts"
    # The members of an exploded object have names of their own: its own name never comes.
    if parameter["in"] != "path" and "object" in kinds:
        parameter["required"] = False
    return _any_text(raw, pointer[:-1])


def _resolved(raw: Raw, schema: Raw) -> Raw:
    while "$ref" in schema:
        schema = _at(raw, pointer_of(schema["$ref"]))
    return schema


def _without_null(raw: Raw, schema: Raw) -> Raw:
    """Returns a schema without its branches for null; the branch itself if only one is left."""
    key = next((key for key in COMBINATIONS if key in schema), None)
    if key is None or "type" in schema:
        return schema
    branches = [part for part in schema[key] if part.get("enum") != [None]]
    rest = {name: part for name, part in schema.items() if name != key}
    if len(branches) == 1:
        return rest | _resolved(raw, branches[0])
    return rest | {key: branches} if branches else rest


def _plain_style(raw: Raw, pointer: Pointer) -> str:
    """Reads a parameter with another style as one that is not validated."""
    parameter = _at(raw, pointer[:-1])
    for key in ("style", "explode"):
        parameter.pop(key, None)
    parameter["schema"] = {"type": "string"}
    if parameter["in"] != "path":
        parameter["required"] = False
    return "not validated"


def _any_items(raw: Raw, pointer: Pointer) -> str:
    _at(raw, pointer)["items"] = {}
    return "any items"


def _known_format(raw: Raw, pointer: Pointer) -> str:
    schema = _at(raw, pointer[:-1])
    if re.fullmatch("uuid[1-8]", schema["format"]):
        schema["format"] = "uuid"
        return "any UUID"
    return _remove(raw, pointer)


def _any_of_null(raw: Raw, pointer: Pointer) -> str:
    schema = _at(raw, pointer[:-1])
    is_nullable = schema.pop("nullable")
    rest = dict(schema)
    if is_nullable and rest:
        schema.clear()
        schema["anyOf"] = [rest, dict(NULL)]
    return "null or what the rest describes"


def _list_null(raw: Raw, pointer: Pointer) -> str:
    schema = _at(raw, pointer[:-1])
    if schema.get("nullable"):
        schema["enum"] = [*schema["enum"], None]
        return "null is a value"
    schema["nullable"] = True
    return "null is a value"


def _fitting_enum(raw: Raw, pointer: Pointer) -> str:
    """Keeps the values of an enum that have its type, and numbers that were meant as texts; else the enum alone."""
    schema = _at(raw, pointer[:-1])
    values = [value for value in (_fit(value, schema) for value in schema["enum"]) if value is not _UNFIT]
    if not values:
        del schema["enum"]
        return "ignored"
    if values != schema["enum"]:
        schema["enum"] = values
        return "only the values that fit"
    for key in schema.keys() - _BESIDE_ENUM:
        del schema[key]
    return "the enum alone"


_UNFIT = object()
# Of these, none restricts a value.
_BESIDE_ENUM = {
    *("type", "enum", "nullable", "title", "description", "example", "default"),
    *("readOnly", "writeOnly", "xml", "deprecated"),
}
_TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


def _fit(value: Any, schema: Raw) -> Any:
    kind = schema.get("type")
    if value is None:
        return None if schema.get("nullable") else _UNFIT
    if kind == "string" and isinstance(value, (int, float)):
        return str(value).lower() if isinstance(value, bool) else str(value)
    if kind not in _TYPES or (isinstance(value, _TYPES[kind]) and (kind == "boolean") is isinstance(value, bool)):
        return value
    if kind in ("integer", "number") and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,18}", value):
        return int(value)
    return _UNFIT


def _derive_id(raw: Raw, pointer: Pointer) -> str:
    words = re.findall(r"[A-Za-z0-9]+", str(pointer[1]))
    name = str(pointer[2]) + "".join(word[:1].upper() + word[1:] for word in words)
    taken = {
        operation_laws.handler_name(str(operation.get("operationId")))
        for path in raw["paths"].values()
        if isinstance(path, dict)
        for operation in path.values()
        if isinstance(operation, dict)
    }
    # `/jobs` and `/jobs/` have the same words.
    names = chain((name,), (f"{name}{number}" for number in count(2)))
    id = next(name for name in names if operation_laws.handler_name(name) not in taken)
    _at(raw, pointer)["operationId"] = id
    return f"`{id}`"


def _distinct_id(raw: Raw, pointer: Pointer) -> str:
    operation = _at(raw, pointer[:-1])
    operation.pop("operationId")
    return _derive_id(raw, pointer[:-1])


def _plain_scheme(raw: Raw, pointer: Pointer) -> str:
    """Completes a security scheme: a key in a header, or basic authentication."""
    scheme = _at(raw, pointer)
    if scheme["type"] == "apiKey":
        scheme.setdefault("name", "Authorization")
        scheme.setdefault("in", "header")
        return f"the key is in {scheme['in']} {scheme['name']}"
    if scheme["type"] == "http":
        scheme.setdefault("scheme", "basic")
        return f"scheme {scheme['scheme']}"
    scheme.setdefault("flows", {})
    scheme.setdefault("openIdConnectUrl", "")
    return "any token"


def _list_once(raw: Raw, pointer: Pointer) -> str:
    values = _at(raw, pointer)
    values[:] = [value for index, value in enumerate(values) if value not in values[:index]]
    return "listed once"


def _add_response(raw: Raw, pointer: Pointer) -> str:
    owner = _at(raw, pointer[:3])
    owner["responses"] = {"default": {"description": ""}}
    return "an empty response"


_REPAIRS: dict[Law, Repair] = {
    form_laws.paths_start_with_a_slash: _start_with_slash,
    form_laws.status_keys: _remove,
    reference_laws.references_stand_alone: _remove,
    schema_laws.patterns_compile: _remove,
    schema_laws.bounds_have_a_limit: _remove,
    operation_laws.operations_have_an_id: _derive_id,
    operation_laws.operation_ids_differ: _distinct_id,
    path_laws.paths_differ: _merge_path,
    path_laws.path_keys_are_separate: _remove_path,
    path_laws.parameters_stand_once: _remove,
    path_laws.path_parameters_are_in_the_path: _remove,
    path_laws.path_keys_are_declared: _declare_keys,
    path_laws.path_parameters_are_required: _make_required,
    schema_laws.nullable_stands_beside_type: _any_of_null,
    parameter_laws.parameters_have_a_schema: _any_text,
    parameter_laws.parameter_styles_are_read: _plain_style,
    parameter_laws.parameter_types_are_read: _any_text_schema,
    schema_laws.arrays_have_items: _any_items,
    schema_laws.formats_are_known: _known_format,
    schema_laws.nullable_enums_list_null: _list_null,
    schema_laws.enum_values_fit: _fitting_enum,
    schema_laws.defaults_fit: _remove,
    operation_laws.security_schemes_exist: _remove,
    operation_laws.security_schemes_are_complete: _plain_scheme,
    response_laws.operations_have_a_response: _add_response,
    form_laws.value_types: _list_once,
}
