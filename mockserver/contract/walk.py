"""The members that a schema declares through `$ref`, `allOf`, `oneOf` and `anyOf`, and which of them are secret."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import Document, Schema


def parts_of(document: Document, schema: Schema) -> Iterator[Schema]:
    """Yields the schema itself and, with `$ref` followed, the parts that `allOf`, `oneOf` and `anyOf` add to it."""
    schema = document.resolve(schema)
    yield schema
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword, ()):
            yield from parts_of(document, part)


def properties_of(document: Document, schema: Schema) -> dict[str, Schema]:
    """Returns the schemas of all members on the first level, by name."""
    return {name: part for p in parts_of(document, schema) for name, part in p.get("properties", {}).items()}


def members_of(document: Document, schema: Schema) -> dict[str, Schema] | None:
    """Returns the members of a closed object; None if the schema allows other members or is no object."""
    properties = properties_of(document, schema)
    if not properties or any(part.get("additionalProperties") for part in parts_of(document, schema)):
        return None
    return properties


def secret_names(document: Document, schema: Schema) -> frozenset[str]:
    """Returns the names of all `writeOnly` texts, on every level."""
    found: set[str] = set()
    _collect_secrets(document, schema, found, set())
    return frozenset(found)


def _collect_secrets(document: Document, schema: Schema, found: set[str], seen: set[int]) -> None:
    for part in parts_of(document, schema):
        # Schemas may be recursive.
        if id(part) in seen:
            continue
        seen.add(id(part))
        for name, member in part.get("properties", {}).items():
            member = document.resolve(member)
            if member.get("writeOnly") and member.get("type") == "string":
                found.add(name)
            _collect_secrets(document, member, found, seen)
        if isinstance(items := part.get("items"), dict):
            _collect_secrets(document, items, found, seen)
