"""Findings of `mockserver lint`: what prevents a document from being served, then what is interpreted leniently."""

from __future__ import annotations

from collections.abc import Container, Iterator

from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import repair
from mockserver.contract.lint import find_obstacles, lint
from mockserver.contract.lint.laws import is_servable


def list_findings(document: Document, words: Container[str]) -> Iterator[str]:
    """Yields the findings, each with its line. `words` are those that `x-faker` may name.

    The laws of this project that only ask for good style hold for documents that state a provenance, such as ours.
    """
    if _states_provenance(document):
        yield from map(str, lint(document, words))
    else:
        repaired = document if is_servable(document) else repair(document)
        yield from (f"{problem} It cannot be served." for problem in find_obstacles(repaired))
        yield from (
            f"{line} {note}" for line, note in sorted((document.line(n.pointer), str(n)) for n in repaired.notes)
        )


def _states_provenance(document: Document) -> bool:
    return any("x-provenance" in operation.value for operation in document.operations() if operation.value)
