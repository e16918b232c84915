"""Drops read-only and unknown members from a request body, as Enspace does.

Only members of the outermost object are dropped: what lies deeper in Enspace's bodies is either free or a small value
that is accepted as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import members_of, parts_of
from mockserver.secrets import excerpt

# Returns the body without these members, and a note for each of them.
Stripper: TypeAlias = Callable[[Any], tuple[Any, list[str]]]

MAX_NOTES = 100


def compile_stripper(document: Document, schema: Schema) -> Stripper | None:
    """Compiles a schema to a function that strips a body; None if the schema allows any member."""
    members = members_of(document, schema)
    if members is None:
        return None
    read_only = frozenset(name for name, part in members.items() if document.resolve(part).get("readOnly"))
    # Some documents require members that they do not declare.
    required = {name for part in parts_of(document, schema) for name in part.get("required", ())}
    writable = (frozenset(members) | required) - read_only

    def strip(value: Any) -> tuple[Any, list[str]]:
        if not isinstance(value, dict) or value.keys() <= writable:
            return value, []
        ignored = [name for name in value if name not in writable]
        notes = [f"ignored {len(ignored) - MAX_NOTES} more members"] if len(ignored) > MAX_NOTES else []
        for name in ignored[:MAX_NOTES]:
            reason = "read-only" if name in read_only else "unknown"
            notes.append(f"ignored the {reason} member {excerpt(f'body.{name}', 80)}")
        return {name: part for name, part in value.items() if name in writable}, notes

    return strip
