"""Validators of the schemas of a contract.

OpenAPI 3.0 is translated to JSON Schema draft 4. The two differ in `nullable`, `readOnly` (not part of a request) and
`writeOnly` (not part of a response). Documents with keywords of 2020-12 are translated to that.
"""

from __future__ import annotations

import re
import uuid
from typing import Any, Literal, TypeAlias

from jsonschema_rs import Draft4, Draft4Validator, Draft202012, Draft202012Validator, Registry

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import properties_of

Direction: TypeAlias = Literal["request", "response"]

Validator: TypeAlias = Draft4Validator | Draft202012Validator

_BASE = "urn:contract"
# JSON Schema does not know these formats; what they say of a number is a bound.
INTEGER_BOUNDS: dict[str, Schema] = {
    "int32": {"minimum": -(2**31), "maximum": 2**31 - 1},
    "int64": {"minimum": -(2**63), "maximum": 2**63 - 1},
}
# Keywords of JSON Schema that OpenAPI 3.0 lacks: documents of others keep them as extensions, for the validators.
_ADDED_SCHEMAS = ("contains", "propertyNames", "if", "then", "else", "unevaluatedItems", "unevaluatedProperties")
_ADDED_MAPS = ("patternProperties", "dependentSchemas")
_ADDED_OTHERS = ("prefixItems", "minContains", "maxContains")
ADDED_KEYWORDS = {f"x-{name}": name for name in (*_ADDED_SCHEMAS, *_ADDED_MAPS, *_ADDED_OTHERS)}
# Beside a `type`: null is valid in a request, but not in a response.
ACCEPTS_NULL = "x-accepts-null"


def _is_uuid(value: str) -> bool:
    try:
        return str(uuid.UUID(value)) == value.lower()
    except ValueError:
        return False


def _is_byte(value: str) -> bool:
    # Base64 as RFC 4648 defines it; Python's decoder accepts more.
    return re.fullmatch(r"(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?", value) is not None


# Formats that JSON Schema does not know, or defines otherwise. The last ones do not restrict a text; many servers take
# and give durations that RFC 3339 does not have.
_FORMATS = {
    "uuid": _is_uuid,
    "byte": _is_byte,
    **dict.fromkeys(("binary", "password", "duration", "uri-reference"), lambda _: True),
}
KNOWN_FORMATS = frozenset(_FORMATS) | {
    *("date-time", "date", "email", "hostname", "ipv4", "ipv6", "uri", "regex", "time"),
    *("int32", "int64", "float", "double"),
}


class Schemas:
    """Compiler of validators for one document and one direction."""

    def __init__(self, document: Document, direction: Direction) -> None:
        self._document, self._direction = document, direction
        # In draft 4 `1e300` is no integer, as in OpenAPI 3.0.
        self._is_draft_4 = not _has_added_keywords(document.raw)
        components = document.raw.get("components", {}).get("schemas", {})
        translated = {name: self._translate(schema) for name, schema in components.items()}
        self._registry = Registry(
            [(_BASE, {"components": {"schemas": translated}})], draft=Draft4 if self._is_draft_4 else Draft202012
        )

    def validator(self, schema: Schema) -> Validator:
        """Compiles a schema of the document."""
        draft = Draft4Validator if self._is_draft_4 else Draft202012Validator
        translated = self._absolute(self._translate(schema))
        return draft(translated, registry=self._registry, formats=_FORMATS, validate_formats=True)

    def _absolute(self, schema: Any) -> Any:
        # Components refer to each other by `#/…` inside the registry; other schemas have to name the registry.
        if isinstance(schema, dict):
            if isinstance(ref := schema.get("$ref"), str):
                return {"$ref": _BASE + ref}
            return {key: value if key == "enum" else self._absolute(value) for key, value in schema.items()}
        return [self._absolute(part) for part in schema] if isinstance(schema, list) else schema

    def _translate(self, schema: Schema) -> Schema:
        if "$ref" in schema:
            return {"$ref": schema["$ref"]}
        # Annotations restrict nothing, and an `example` may contain a `$ref` that is none.
        aside = ("example", "default", "description")
        # An empty list restricts nothing.
        written = {key: value for key, value in schema.items() if key not in aside and value != []}
        out = {ADDED_KEYWORDS.get(key, key): value for key, value in written.items()}
        for key in ("items", "not", "additionalProperties", *_ADDED_SCHEMAS):
            if isinstance(out.get(key), dict):
                out[key] = self._translate(out[key])
        for key in ("allOf", "anyOf", "oneOf", "prefixItems"):
            if key in out:
                out[key] = [self._translate(part) for part in out[key]]
        for key in _ADDED_MAPS:
            if key in out:
                out[key] = {name: self._translate(part) for name, part in out[key].items()}
        for exclusive, limit in (("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")):
            if not self._is_draft_4 and out.pop(exclusive, False):
                out[exclusive] = out.pop(limit)
        absent = self._absent(schema)
        if "properties" in out:
            self._translate_properties(out, absent)
        self._translate_required(out, absent)
        for part in out.get("allOf", ()):
            self._translate_required(part, absent)
        accepts_null = self._direction == "request" and ACCEPTS_NULL in schema
        if (bounds := INTEGER_BOUNDS.get(out.get("format", ""))) and out.get("type") == "integer":
            out["allOf"] = [*out.get("allOf", ()), bounds]
        if (out.pop("nullable", False) or accepts_null) and "type" in out:
            out["type"] = [out["type"], "null"]
        return out

    def _absent(self, schema: Schema) -> set[str]:
        """Returns the members of the other direction: a request may omit them, a response must not have them."""
        if not schema.keys() & {"properties", "allOf"}:
            return set()
        unfit = "readOnly" if self._direction == "request" else "writeOnly"
        members = properties_of(self._document, {key: schema[key] for key in ("properties", "allOf") if key in schema})
        return {name for name, member in members.items() if self._has_mark(member, unfit)}

    def _has_mark(self, member: Schema, mark: str) -> bool:
        member = self._document.resolve(member)
        return bool(member.get(mark)) or any(self._document.resolve(part).get(mark) for part in member.get("allOf", ()))

    def _translate_properties(self, out: Schema, absent: set[str]) -> None:
        # Enspace ignores a read-only member that a client sends, so that it must not be an error.
        refusal: Schema = {} if self._direction == "request" else {"not": {}}
        out["properties"] = {
            name: refusal if name in absent else self._translate(part) for name, part in out["properties"].items()
        }

    def _translate_required(self, out: Schema, absent: set[str]) -> None:
        if required := [name for name in out.pop("required", ()) if name not in absent]:
            # Draft 4 forbids an empty list.
            out["required"] = required


def _has_added_keywords(part: Any) -> bool:
    if isinstance(part, dict):
        return not ADDED_KEYWORDS.keys().isdisjoint(part) or any(map(_has_added_keywords, part.values()))
    return isinstance(part, list) and any(map(_has_added_keywords, part))
