"""Repairs of OpenAPI 3.1: its schemas, which are JSON Schema 2020-12, in the words of 3.0.

Documents that state 3.0 use these words as well, above all `examples`, `const` and numeric exclusive bounds.
"""

from __future__ import annotations

from typing import Any, TypeGuard

from mockserver.contract.lenient.notes import Notes, Raw
from mockserver.contract.lint.walk_objects import Node, walk_objects
from mockserver.contract.schemas import ACCEPTS_NULL, ADDED_KEYWORDS

NULL: Raw = {"type": "boolean", "nullable": True, "enum": [None]}

_ENCODINGS = {"base64": "byte", "base64url": "byte"}
_SCHEMA_KEYS = {"items", "not", "schema", "x-contains", "x-propertyNames", "x-if", "x-then", "x-else"}
_LIMITS = (("exclusiveMinimum", "minimum", max), ("exclusiveMaximum", "maximum", min))


def keep_added_keywords(found: Node, notes: Notes, *, is_31: bool) -> None:
    """Renames the keywords that 3.0 lacks to extensions, in a schema that is no reference."""
    if found.kind != "schema":
        return
    _translate_dependent_required(found.value)
    for extension, keyword in ADDED_KEYWORDS.items():
        if keyword in found.value:
            found.value[extension] = found.value.pop(keyword)
            if not is_31:
                notes.add((*found.pointer, keyword), f"`{keyword}` is a word of 3.1, and read as there")


def _translate_dependent_required(schema: Raw) -> None:
    required, schemas = schema.pop("dependentRequired", None), schema.get("dependentSchemas", {})
    if isinstance(required, dict) and isinstance(schemas, dict):
        added = {name: {"allOf": [{"required": names}, schemas.get(name, {})]} for name, names in required.items()}
        schema["dependentSchemas"] = schemas | added


def translate_schemas(raw: Raw, notes: Notes, *, is_31: bool) -> None:
    """Translates all schemas in place. Keywords without a counterpart are left to the repairs by the grammar."""
    for found in walk_objects(raw):
        _translate_flags(found)
        if found.kind == "schema":
            if is_31:
                _translate_nullable(found, notes)
            _translate(found.value)


def _translate_nullable(found: Node, notes: Notes) -> None:
    """Reads `nullable`, which 3.1 does not have, as what is valid for every reader: null in requests only."""
    if found.value.get("nullable") is True and found.value.get("enum") != [None]:
        del found.value["nullable"]
        found.value[ACCEPTS_NULL] = True
        notes.add(found.pointer, "`nullable` is no word of 3.1: null is accepted, and never answered")


def _translate_flags(found: Node) -> None:
    """Replaces schemas that are `true` or `false`."""
    for key, value in found.value.items():
        if key in ("properties", "schemas", "x-patternProperties", "x-dependentSchemas") and isinstance(value, dict):
            found.value[key] = {name: _object(part) for name, part in value.items()}
        elif key in _SCHEMA_KEYS and isinstance(value, bool):
            found.value[key] = _object(value)
        elif key in ("allOf", "anyOf", "oneOf", "x-prefixItems") and isinstance(value, list):
            found.value[key] = [_object(part) for part in value]


def _object(schema: Any) -> Any:
    return ({} if schema else {"not": {}}) if isinstance(schema, bool) else schema


def _translate(schema: Raw) -> None:
    _translate_type(schema)
    if "const" in schema:
        schema["enum"] = [schema.pop("const")]
    for exclusive, limit, stricter in _LIMITS:
        if _is_number(bound := schema.get(exclusive)):
            inclusive = schema.get(limit)
            schema[limit] = stricter(bound, inclusive) if _is_number(inclusive) else bound
            schema[exclusive] = schema[limit] == bound
    if isinstance(examples := schema.get("examples"), list):
        del schema["examples"]
        if examples:
            schema.setdefault("example", examples[0])
    # 3.1 only describes the encoding, so that other keywords may contradict it.
    is_open = schema.keys().isdisjoint({"pattern", "minLength", "maxLength"})
    if (encoding := _ENCODINGS.get(str(schema.pop("contentEncoding", None)))) and is_open:
        schema.setdefault("format", encoding)
    elif "contentMediaType" in schema and schema.get("type") == "string":
        schema.setdefault("format", "binary")
    schema.pop("contentMediaType", None)


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _translate_type(schema: Raw) -> None:
    types = schema.get("type")
    choice = next((key for key in ("oneOf", "anyOf") if isinstance(schema.get(key), list)), None)
    if types == "null" and choice is not None:
        # Nothing fits both; converters write so what was nullable.
        del schema["type"]
        schema[choice] = [*schema[choice], dict(NULL)]
    elif types == "null":
        schema.update(NULL)
    if not isinstance(types, list):
        return
    named = [name for name in types if name != "null"]
    del schema["type"]
    if len(named) == 1:
        schema["type"] = named[0]
    elif len(named) > 1 and "anyOf" not in schema:
        schema["anyOf"] = [{"type": name} for name in named]
    if "null" in types:
        schema["nullable"] = True
    if not named:
        schema.update(NULL)
