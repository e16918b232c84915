"""Reading of a document for the server: strict documents as they are, others in a repaired copy with notes."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from mockserver.contract.document import Document, load_document, parse_document
from mockserver.contract.lenient.grammar_repairs import repair_by_grammar
from mockserver.contract.lenient.law_repairs import repair_by_laws
from mockserver.contract.lenient.notes import Notes
from mockserver.contract.lenient.openapi31 import translate_schemas
from mockserver.contract.lenient.references import repair_references
from mockserver.contract.lint.laws import check_servable, is_servable


def read_contract(path: Path) -> Document:
    """Reads a document in a form that can be served; `notes` say what was interpreted. Raises `ContractError`."""
    return read_strictly(load_document(path))


def interpret(path: Path, text: str) -> Document:
    """Reads a text as `read_contract` reads a file; `path` is for messages and for files beside it."""
    return read_strictly(parse_document(path, text))


def read_strictly(written: Document) -> Document:
    """Returns the document itself if it can be served, else in strict form. Raises `ContractError`."""
    if is_servable(written):
        return written
    repaired = repair(written)
    check_servable(repaired)
    return repaired


def describe_notes(document: Document) -> Iterator[str]:
    """Yields one line if a part of the document was interpreted leniently."""
    if count := len(document.notes):
        places = "place" if count == 1 else "places"
        yield f"{count} {places} interpreted leniently, see `mockserver lint --spec {document.path}`"


def repair(document: Document) -> Document:
    """Returns the document in strict form."""
    raw, notes = copy.deepcopy(document.raw), Notes()
    is_31 = document.version >= (3, 1)
    repair_references(raw, document, notes, is_31=is_31)
    # Documents of 3.0 have words of 3.1 too.
    translate_schemas(raw, notes, is_31=is_31)
    raw["openapi"] = "3.0.3"  # what it is now, also for clients that are generated from it
    raw = repair_by_grammar(raw, notes)
    repair_by_laws(raw, document, notes)
    return replace(document, raw=raw, notes=(*document.notes, *notes.all))
