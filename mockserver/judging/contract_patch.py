"""Patch of the contract: the edits that end a drift, as one unified diff for `git apply`.

The contract is only widened: a value, a kind, a status, a member, an operation or a null is added, a limit or a
`required` removed. Rows of `narrowing` are the exception, since a person asks for them.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from mockserver.contract.document import Document, parse_text
from mockserver.judging.drift import Contradiction, DriftRow, DriftSeverity
from mockserver.judging.evidence import Places
from mockserver.judging.lifted_provenance import lift
from mockserver.judging.named_schemas import Unlearnable
from mockserver.judging.narrowing import NarrowingEditor
from mockserver.judging.new_operations import NewOperationEditor
from mockserver.judging.response_edits import ResponseEditor
from mockserver.judging.schema_edits import SchemaEditor
from mockserver.judging.shared_facts import PlacedFacts, settle
from mockserver.judging.yaml_edits import YamlEdit, apply_edits, wrap_lines


@dataclass(frozen=True)
class ContractPatch:
    """A diff, empty if nothing can be learned; the rows it settles, and the others with the reason."""

    diff: str
    learned: tuple[DriftRow, ...]
    left: tuple[tuple[DriftRow, str], ...]
    lifted: int  # provenances that recordings have confirmed

    @property
    def review(self) -> tuple[DriftRow, ...]:
        """The new operations: their names and tags are derived, and need a person's eye."""
        return tuple(row for row in self.learned if row.contradiction is Contradiction.OPERATION)


def learn(
    document: Document,
    rows: list[DriftRow],
    places: Places,
    *,
    also_documented: bool = False,
    also_lift: bool = False,
) -> ContractPatch:
    """Returns the patch that settles as many rows as possible, and lifts what was inferred and has been observed."""
    facts = settle(document, places)
    before, learned, left = document, [], []
    pending = []
    for row in rows:
        reason = _reason_to_leave(row, also_documented)
        left += [(row, reason)] if reason else []
        pending += [] if reason else [row]
    # In rounds, since edits of one place may overlap: each round sees the text of the one before.
    while pending:
        edits: list[YamlEdit] = []
        postponed = []
        for row in pending:
            try:
                found = list(_edits(document, facts, row))
            except Unlearnable as error:
                left.append((row, str(error)))
                continue
            if _overlap(edits, found):
                postponed.append(row)
            else:
                edits += found
                learned.append(row)
        document, pending = _edited(document, edits), postponed
    lifted = list(lift(document, places, {row.place for row in rows})) if also_lift else []
    after = _wrapped(before, _edited(document, lifted))
    return ContractPatch(_diff(before, after), tuple(learned), tuple(left), len(lifted))


def _edited(document: Document, edits: list[YamlEdit]) -> Document:
    if not edits:
        return document
    text = apply_edits(document.text, edits)
    return replace(document, text=text, raw=parse_text(text))


def _wrapped(before: Document, after: Document) -> Document:
    """The text without new long lines, if it means the same."""
    text = wrap_lines(after.text, before.text)
    return replace(after, text=text) if text == after.text or parse_text(text) == after.raw else after


def _reason_to_leave(row: DriftRow, also_documented: bool) -> str:
    if row.contradiction is Contradiction.NARROWER:
        return ""
    if row.severity is DriftSeverity.NOTE:
        return "seen in one answer only"
    if row.severity is DriftSeverity.ERROR and not also_documented:
        return "the contract documents it (--also-documented)"
    return ""


def _diff(before: Document, after: Document) -> str:
    old, new = (document.text.splitlines(keepends=True) for document in (before, after))
    name = before.path.name
    return "".join(difflib.unified_diff(old, new, f"a/{name}", f"b/{name}"))


def _overlap(edits: list[YamlEdit], others: list[YamlEdit]) -> bool:
    return any(one.start <= other.end and other.start <= one.end for one in edits for other in others)


def _edits(document: Document, facts: PlacedFacts, row: DriftRow) -> Iterator[YamlEdit]:
    """Yields the edits of one text of the contract that settle a row. Raises `Unlearnable`."""
    match row.contradiction:
        case Contradiction.STATUS:
            yield from ResponseEditor(document, facts).add_status(row.place)
        case Contradiction.EMPTY:
            yield from ResponseEditor(document, facts).remove_body(row.place)
        case Contradiction.OPERATION:
            yield from NewOperationEditor(document, facts).add(row.place)
        case Contradiction.NARROWER:
            yield from NarrowingEditor(document, facts).edits(row.place, row.detail)
        case Contradiction.PARAMETER:
            raise Unlearnable("a parameter needs a description from a person")
        case Contradiction.STRICTER:
            raise Unlearnable("a patch only widens the contract")
        case _:
            yield from SchemaEditor(document, facts).edits(row)
