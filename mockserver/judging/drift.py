"""Drift: the places where the evidence contradicts the contract, one row for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from mockserver.contract.document import Document, Pointer
from mockserver.judging import schema_places
from mockserver.judging.evidence import Evidence, Facts, Sighting, names
from mockserver.judging.shared_facts import settle

MOST_SURE = 30  # records without an exception that make a rule
ENOUGH = 2  # answers that make evidence; one may be an accident

_STRUCTURE = (
    *("properties", "additionalProperties", "items", "allOf", "anyOf", "oneOf"),
    *("responses", "content", "application/json", "schema"),
)


class Contradiction(StrEnum):
    """How reality differs from a place of the contract."""

    OPERATION = "operation"  # a path or a method that the contract does not have
    STATUS = "status"
    EMPTY = "empty"  # no body, where one is documented
    MEMBER = "member"  # a member that no schema declares
    ABSENT = "absent"  # a required member is missing
    NULL = "null"
    KIND = "kind"  # a value of another JSON type
    CHOICE = "choice"  # a value that `enum` does not list
    LIMIT = "limit"  # a value beyond a pattern, format, length or bound
    PARAMETER = "parameter"  # a query parameter that only an export has
    NARROWER = "narrower"  # many records say that the contract is wider than reality
    STRICTER = "stricter"  # an export has no such member, type or choice, or more limits


class DriftSeverity(StrEnum):
    """`error`: a documented part is contradicted; `warning`: one that was inferred; `note`: seen only once."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True)
class DriftRow:
    """One contradiction. `place` may not exist yet; `detail` is a name, a kind, a value or a keyword."""

    place: Pointer
    contradiction: Contradiction
    detail: str
    seen: Sighting
    operations: tuple[str, ...]
    severity: DriftSeverity
    line: int
    documented: str
    received: str

    @property
    def name(self) -> str:
        """The place for people: `Role.name`, or `GET /ws/roles 404`."""
        if self.place[0] == "paths":
            method, path = str(self.place[2]).upper(), str(self.place[1])
            return " ".join([method, path, *_named_parts(self.place[3:])])
        owner = ".".join(_named_parts(self.place[2:]))
        return f"{owner}.{self.detail}" if self.contradiction is Contradiction.ABSENT else owner

    @property
    def identity(self) -> str:
        """Identifies the same contradiction in other recordings, for baselines."""
        return f"{'/'.join(map(str, self.place))}: {self.contradiction} {self.detail}".rstrip()


def _named_parts(place: Pointer) -> Iterator[str]:
    """The names in a pointer. A member may be named as a keyword is: `items` of the counters of a workspace."""
    for before, part in zip(("", *place), place, strict=False):
        if before == "properties" or not (isinstance(part, int) or part in _STRUCTURE):
            yield str(part)


def find_drift(document: Document, evidence: Evidence) -> list[DriftRow]:
    """Returns all contradictions, errors first, then in the order of the contract."""
    rows = []
    for place, facts in settle(document, evidence.places()).items():
        for contradiction, detail, seen, documented, received in _contradictions(document, place, facts):
            rows.append(
                DriftRow(
                    place=place,
                    contradiction=contradiction,
                    detail=detail,
                    seen=seen,
                    operations=seen.operations,
                    severity=_severity(document, place, contradiction, seen),
                    line=document.line(place),
                    documented=documented,
                    received=received,
                )
            )
    order = list(DriftSeverity)
    return sorted(rows, key=lambda row: (order.index(row.severity), row.line, row.identity))


Found = tuple[Contradiction, str, Sighting, str, str]


def _contradictions(document: Document, place: Pointer, facts: Facts) -> Iterator[Found]:
    for detail in sorted(names(facts, "lacks")):
        yield Contradiction.STRICTER, detail, facts[f"lacks:{detail}"], detail, "not in the export"
    for name in sorted(names(facts, "parameter")):
        yield Contradiction.PARAMETER, name, facts[f"parameter:{name}"], "no such parameter", name
    if "operation" in facts:
        yield Contradiction.OPERATION, "", facts["operation"], "no such operation", "an answer"
    elif "status" in facts:
        known = _statuses(document, place)
        if place[-1] not in known:
            yield Contradiction.STATUS, str(place[-1]), facts["status"], " or ".join(known), str(place[-1])
    elif len(place) == 3 and place[0] == "paths":
        return  # an operation has no schema of its own
    elif "empty" in facts:
        yield Contradiction.EMPTY, "", facts["empty"], "a body", "none"
    elif schema_places.find(document, place) is None:
        # What is below a new member is part of its schema.
        if place[-2] == "properties" and schema_places.find(document, place[:-2]) is not None:
            kinds = " or ".join(sorted(names(facts, "kind")))
            yield Contradiction.MEMBER, str(place[-1]), facts["present"], "no such member", f"a member: {kinds}"
    else:
        yield from _of_schema(document, place, facts)


def _of_schema(document: Document, place: Pointer, facts: Facts) -> Iterator[Found]:
    allowed = schema_places.allowed_kinds(document, place)
    documented = " or ".join(sorted(allowed))
    for kind in sorted(names(facts, "kind")):
        if allowed and kind not in allowed:
            contradiction = Contradiction.NULL if kind == "null" else Contradiction.KIND
            yield contradiction, "" if kind == "null" else kind, facts[f"kind:{kind}"], documented, kind
    for name in sorted(schema_places.required(document, place).keys() & names(facts, "absent")):
        yield Contradiction.ABSENT, name, facts[f"absent:{name}"], "a required member", "no such member"
    schema = document.at(place)
    yield from _choices(schema.get("enum", []), facts)
    for keyword in sorted(names(facts, "breaks")):
        if keyword in schema:
            seen = facts[f"breaks:{keyword}"]
            yield Contradiction.LIMIT, keyword, seen, f"{keyword} {schema[keyword]}", "other values"


def _choices(listed: list[object], facts: Facts) -> Iterator[Found]:
    documented = ", ".join(map(str, listed))
    for value in sorted(names(facts, "value")):
        if listed and value not in listed:
            yield Contradiction.CHOICE, value, facts[f"value:{value}"], documented, value


def _statuses(document: Document, place: Pointer) -> list[str]:
    """The documented statuses beside an undocumented one."""
    try:
        return [str(status) for status in document.at(place[:-1])]
    except KeyError:
        return []


def _severity(document: Document, place: Pointer, contradiction: Contradiction, seen: Sighting) -> DriftSeverity:
    if seen.answers < ENOUGH:
        return DriftSeverity.NOTE
    # No documentation says that there are no other operations.
    is_sure = contradiction is not Contradiction.OPERATION and is_documented(document, place)
    return DriftSeverity.ERROR if is_sure else DriftSeverity.WARNING


def is_documented(document: Document, place: Pointer) -> bool:
    """Whether the nearest provenance says that this part of the contract was documented, not inferred."""
    found = _provenance(document, place)
    if found is None:
        return True  # a contract without provenance is sure of itself
    at, written = found
    uncertain = {*written.get("inferred", ()), *written.get("partly", ()), *written.get("observed", ())}
    inside = set(place[len(at) :])
    part = {"body"} if place[:1] == ("paths",) and "responses" in inside else inside
    return written.get("status") == "documented" and not uncertain & part


def _provenance(document: Document, place: Pointer) -> tuple[Pointer, dict[str, Any]] | None:
    for length in range(len(place), 1, -1):
        part = schema_places.find(document, place[:length])
        if part is not None and isinstance(written := part.get("x-provenance"), dict):
            return place[:length], written
    return None
