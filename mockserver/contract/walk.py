"""The members that a schema declares through `$ref`, `allOf`, `oneOf` and `anyOf`, and which of them are secret."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import Document, Schema
from mockserver.secrets import SecretMembers


def parts_of(document: Document, schema: Schema, above: tuple[int, ...] = ()) -> Iterator[Schema]:
    """Yields the schema itself and, with `$ref` followed, the parts that `allOf`, `oneOf` and `anyOf` add to it.

    `above` are the ids of the schemas of which it is a part: one that is a part of itself ends there.
    """
    schema = document.resolve(schema)
    if id(schema) in above:
        return
    yield schema
    for keyword in ("allOf", "oneOf", "anyOf"):
        for part in schema.get(keyword, ()):
            yield from parts_of(document, part, (*above, id(schema)))


def properties_of(document: Document, schema: Schema) -> dict[str, Schema]:
    """Returns the schemas of all members on the first level, by name."""
    return {name: part for p in parts_of(document, schema) for name, part in p.get("properties", {}).items()}


def required_of(document: Document, schema: Schema) -> set[str]:
    """Returns the names of the required members."""
    return {name for part in parts_of(document, schema) for name in part.get("required", ())}


def member_of(document: Document, schema: Schema, name: str) -> Schema:
    """Returns the schema of one member, declared or free; an empty one if it is neither."""
    parts = parts_of(document, schema)
    free = (part["additionalProperties"] for part in parts if isinstance(part.get("additionalProperties"), dict))
    return properties_of(document, schema).get(name) or next(free, {})


def items_of(document: Document, schema: Schema) -> Schema:
    """Returns the schema of the items of a list; an empty one if it has none."""
    return next((part["items"] for part in parts_of(document, schema) if "items" in part), {})


def has_type(document: Document, schema: Schema, name: str) -> bool:
    """Returns whether a schema, or one of its parts, has a JSON type."""
    return any(part.get("type") == name for part in parts_of(document, schema))


def members_of(document: Document, schema: Schema) -> dict[str, Schema] | None:
    """Returns the members of a closed object; None if the schema allows other members or is no object."""
    properties = properties_of(document, schema)
    if not properties or any(part.get("additionalProperties") for part in parts_of(document, schema)):
        return None
    return properties


def schema_names(document: Document, part: object) -> set[str]:
    """Returns the names of all schemas that a part of the document refers to, directly or through others."""
    found: set[str] = set()
    pending = [part]
    while pending:
        value = pending.pop()
        if isinstance(value, list):
            pending += value
        elif isinstance(value, dict):
            pending += value.values()
            reference = value.get("$ref")
            if isinstance(reference, str) and reference.startswith("#/") and reference not in found:
                found.add(reference)
                pending.append(document.resolve(value))
    beginning = "#/components/schemas/"
    return {reference[len(beginning) :] for reference in found if reference.startswith(beginning)}


def secret_members(document: Document, schema: Schema, answer: Schema | None) -> SecretMembers:
    """Returns all texts of a request body that are `writeOnly` or passwords, on every level.

    An object that has some may have others that the schema does not name. Of such an object only those declared members
    are shown which the object of that name in the answer has too, if the answer declares it.
    """
    objects, answered = _objects(document, schema), _objects(document, answer or {})
    secret = {
        owner: {name for name, member in members.items() if _is_secret(member)} for owner, members in objects.items()
    }
    shown_in = {
        owner: frozenset((objects[owner].keys() - names) & answered.get(owner, objects[owner]).keys())
        for owner, names in secret.items()
        if owner and names
    }
    return SecretMembers(frozenset().union(*secret.values()), shown_in)


def _is_secret(member: Schema) -> bool:
    return member.get("type") == "string" and (member.get("writeOnly", False) or member.get("format") == "password")


def _objects(document: Document, schema: Schema) -> dict[str, dict[str, Schema]]:
    """Returns the members of all objects by the name of the member that holds the object; the outermost has no name."""
    objects: dict[str, dict[str, Schema]] = {}
    _collect_objects(document, schema, "", objects, set())
    return objects


def _collect_objects(
    document: Document, schema: Schema, owner: str, objects: dict[str, dict[str, Schema]], seen: set[int]
) -> None:
    for part in parts_of(document, schema):
        # Schemas may be recursive.
        if id(part) in seen:
            continue
        seen.add(id(part))
        for name, written in part.get("properties", {}).items():
            member = document.resolve(written)
            objects.setdefault(owner, {})[name] = member
            _collect_objects(document, member, name, objects, seen)
        if isinstance(items := part.get("items"), dict):
            _collect_objects(document, items, owner, objects, seen)
