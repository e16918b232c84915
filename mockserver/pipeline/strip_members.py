"""What a client may not set is taken out of its body and noted: read-only members and those of no name in the contract.

Enspace ignores them too. Only the outermost object is sifted: what lies deeper in Enspace's bodies is either free or a
small value that is taken as a whole.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import members_of
from mockserver.secrets import excerpt

Sieve: TypeAlias = Callable[[Any], tuple[Any, tuple[str, ...]]]

MOST_NOTES = 100


def sieve_for(document: Document, schema: Schema) -> Sieve | None:
    """A function of a body that gives what may stay of it, and notes of the rest; None where everything may stay."""
    members = members_of(document, schema)
    if members is None:
        return None
    read_only = frozenset(name for name, part in members.items() if document.resolve(part).get("readOnly"))
    writable = frozenset(members) - read_only

    def sieve(value: Any) -> tuple[Any, tuple[str, ...]]:
        if not isinstance(value, dict) or value.keys() <= writable:
            return value, ()
        notes = []
        unfit = [name for name in value if name not in writable]
        if len(unfit) > MOST_NOTES:
            notes.append(f"ignored {len(unfit) - MOST_NOTES} members more than the following")
        for name in unfit[:MOST_NOTES]:
            reason = "read-only" if name in read_only else "unknown"
            notes.append(f"ignored the {reason} member {excerpt(f'body.{name}', 80)}")
        return {name: part for name, part in value.items() if name in writable}, tuple(notes)

    return sieve
