"""Findings of `mockserver lint`: what prevents a document from being served, then what is interpreted leniently."""

from __future__ import annotations

from collections.abc import Container, Iterator

from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import repair
from mockserver.contract.lint import find_obstacles, lint
from mockserver.contract.lint.laws import is_servable


def list_findings(document: Document, words: Container[str]) -> Iterator[str]:
    """Yields the findings, each with its line and column. `words` are those that `x-faker` may name.

    The laws of this project that only ask for good style hold for documents that state a provenance, such as ours.
    """
    if states_provenance(document):
        yield from map(str, lint(document, words))
    else:
        repaired = document if is_servable(document) else repair(document)
        yield from (
            f"{problem} It cannot be served, because of {problem.pointer}." for problem in find_obstacles(repaired)
        )
        located = sorted((document.position(note.pointer), str(note)) for note in repaired.notes)
        yield from (f"{position.line}:{position.column} {note}" for position, note in located)


def states_provenance(document: Document) -> bool:
    """Returns whether any operation says where its description comes from."""
    items = (item for item in document.raw["paths"].values() if isinstance(item, dict))
    return any("x-provenance" in part for item in items for part in item.values() if isinstance(part, dict))
