"""Descriptions of what an edit changed: `openapi.yaml: 1 operation added, 2 changed`."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from mockserver.app import Fake
from mockserver.contract.document import Document
from mockserver.settings import Settings


def describe_changes(before: Fake, after: Fake, settings: Settings, changed: Sequence[str]) -> Iterator[str]:
    """Yields one text for each changed file."""
    collections = {f"{name}.yaml": name for name, _ in after.fixtures.written}
    for name in changed:
        if name == settings.spec.name:
            yield f"{name}: {_describe_contract(before.document, after.document)}"
        elif name in collections:
            table = collections[name]
            old, new = ({record["id"]: record for record in fake.fixtures.written[table]} for fake in (before, after))
            yield f"{settings.fixtures.name}/{name}: {_describe_difference('row', old, new) or 'no row changed'}"
        else:
            yield f"{name}: changed"


def _describe_contract(before: Document, after: Document) -> str:
    operations = _describe_difference("operation", _operations(before), _operations(after))
    components = _describe_difference("component", _components(before), _components(after))
    parts = [part for part in (operations, components) if part]
    if before.raw != after.raw and not parts:
        return "other parts changed"
    return ", ".join(parts) or "only comments and layout changed"


def _operations(document: Document) -> dict[Hashable, Any]:
    """Returns each operation, with the parameters of its path."""
    shared = {path: item.get("parameters") for path, item in document.raw["paths"].items()}
    return {(path, method): (operation, shared[path]) for path, method, operation in document.operations()}


def _components(document: Document) -> dict[Hashable, Any]:
    sections = document.raw.get("components", {})
    return {(section, name): part for section, parts in sections.items() for name, part in parts.items()}


def _describe_difference(noun: str, before: Mapping[Any, Any], after: Mapping[Any, Any]) -> str:
    """Returns `1 operation added, 2 changed`; empty if there is no difference."""
    counts = {
        "added": len(after.keys() - before.keys()),
        "removed": len(before.keys() - after.keys()),
        "changed": sum(before[key] != after[key] for key in before.keys() & after.keys()),
    }
    found = [(number, change) for change, number in counts.items() if number]
    first = [f"{number} {noun}{'s' if number > 1 else ''} {change}" for number, change in found[:1]]
    return ", ".join(first + [f"{number} {change}" for number, change in found[1:]])
