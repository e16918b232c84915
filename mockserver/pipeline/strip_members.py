"""Drops read-only members from a request body, and unknown ones as Enspace does.

In other documents, `additionalProperties` decides whether an unknown member is an error. Only members of the outermost
object are dropped: what lies deeper in Enspace's bodies is either free or a small value that is accepted as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import members_of, properties_of, required_of
from mockserver.secrets import excerpt

# Returns the body without these members, and a note for each of them.
Stripper: TypeAlias = Callable[[Any], tuple[Any, list[str]]]

MAX_NOTES = 100


def compile_stripper(document: Document, schema: Schema, *, keeps_unknown: bool) -> Stripper | None:
    """Compiles a schema to a function that strips a body; None if the schema allows any member."""
    members = properties_of(document, schema) if keeps_unknown else members_of(document, schema)
    if members is None:
        return None
    read_only = frozenset(name for name, part in members.items() if document.resolve(part).get("readOnly"))
    # Some schemas require members that they do not declare.
    writable = (members.keys() | required_of(document, schema)) - read_only

    def is_ignored(name: str) -> bool:
        return name in read_only if keeps_unknown else name not in writable

    def strip(value: Any) -> tuple[Any, list[str]]:
        if not isinstance(value, dict) or value.keys() <= writable:
            return value, []
        ignored = list(filter(is_ignored, value))
        notes = [f"ignored {len(ignored) - MAX_NOTES} more members"] if len(ignored) > MAX_NOTES else []
        for name in ignored[:MAX_NOTES]:
            reason = "read-only" if name in read_only else "unknown"
            notes.append(f"ignored the {reason} member {excerpt(f'body.{name}', 80)}")
        return {name: part for name, part in value.items() if not is_ignored(name)}, notes

    return strip
