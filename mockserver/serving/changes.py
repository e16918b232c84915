"""What a change of the files has changed, in words: `openapi.yaml: 1 operation added, 2 changed`."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.app import Fake
from mockserver.contract.document import Document
from mockserver.settings import Settings


def told_changes(before: Fake, after: Fake, settings: Settings, changed: Sequence[str]) -> Iterator[str]:
    """One text for each file that was changed."""
    collections = {f"{name}.yaml": name for name, _ in after.world}
    for name in changed:
        if name == settings.spec.name:
            yield f"{name}: {_told_contract(before.document, after.document)}"
        elif name in collections:
            rows = collections[name]
            old, new = ({row["id"]: row for row in fake.world[rows]} for fake in (before, after))
            yield f"{settings.fixtures.name}/{name}: {_told('row', old, new) or 'no row changed'}"
        else:
            yield f"{name}: changed"


def _told_contract(before: Document, after: Document) -> str:
    operations = _told("operation", _operations(before), _operations(after))
    components = _told("component", _components(before), _components(after))
    parts = [part for part in (operations, components) if part]
    if before.raw != after.raw and not parts:
        parts = ["what is no operation changed"]
    return "; ".join(parts).replace("; ", ", ") or "nothing but comments and layout changed"


def _operations(document: Document) -> dict[Hashable, Any]:
    """Each operation with what its path says for it."""
    shared = {path: item.get("parameters") for path, item in document.raw["paths"].items()}
    return {(path, method): (operation, shared[path]) for path, method, operation in document.operations()}


def _components(document: Document) -> dict[Hashable, Any]:
    sections = document.raw.get("components", {})
    return {(section, name): part for section, parts in sections.items() for name, part in parts.items()}


def _told(noun: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> str:
    """`1 operation added, 2 changed`; empty if there is no difference."""
    counts = {
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "changed": sum(before[key] != after[key] for key in before.keys() & after.keys()),
    }
    told = [(number, how) for how, number in counts.items() if number]
    first = [f"{number} {noun}{'s' if number > 1 else ''} {how}" for number, how in told[:1]]
    return ", ".join(first + [f"{number} {how}" for number, how in told[1:]])
