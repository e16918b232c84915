"""Evidence: what recordings have shown at each place of the contract, as counts that can be kept and merged.

A place is a JSON pointer into the contract, with all references followed; places that the contract does not have yet
(an undeclared member, an undocumented status) have the pointer that they would get. A fact is a short text, such as
`kind:null`, `absent:name` or `value:urgent`. No other value of a recording is kept, so the file may be committed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from mockserver.contract.yaml_text import parse_json
from mockserver.errors import StartError

FORM = 2  # of the file


@dataclass(frozen=True)
class Sighting:
    """How often a fact was seen: in how many answers, in how many different records, of which operations."""

    answers: int = 0
    records: int = 0
    operations: tuple[str, ...] = ()

    def __add__(self, other: Sighting) -> Sighting:
        operations = tuple(sorted({*self.operations, *other.operations}))
        return Sighting(self.answers + other.answers, self.records + other.records, operations)

    def to_json(self) -> list[Any]:
        return [self.answers, self.records, list(self.operations)]

    @classmethod
    def from_json(cls, written: list[Any]) -> Sighting:
        answers, records, operations = written
        return cls(answers, records, tuple(operations))


Facts = dict[str, Sighting]
Places = dict[str, Facts]


@dataclass
class RecordingEvidence:
    """What one recording has shown, from its first to its last day."""

    places: Places = field(default_factory=dict)
    first_day: str = ""
    last_day: str = ""

    def to_json(self) -> dict[str, Any]:
        return {
            "first_day": self.first_day,
            "last_day": self.last_day,
            "places": {
                place: {fact: seen.to_json() for fact, seen in sorted(facts.items())}
                for place, facts in sorted(self.places.items())
            },
        }

    @classmethod
    def from_json(cls, written: dict[str, Any]) -> RecordingEvidence:
        places = {
            place: {fact: Sighting.from_json(seen) for fact, seen in facts.items()}
            for place, facts in written["places"].items()
        }
        return cls(places, written["first_day"], written["last_day"])


class Evidence:
    """The evidence of several recordings, each identified by a hash of its content, so that it counts once."""

    def __init__(self, recordings: dict[str, RecordingEvidence] | None = None) -> None:
        self.recordings = recordings or {}

    def add(self, identity: str, recording: RecordingEvidence) -> None:
        self.recordings[identity] = recording

    def places(self) -> Places:
        """The facts of all recordings together, by place. The order of the recordings does not matter."""
        merged: Places = {}
        for recording in self.recordings.values():
            for place, facts in recording.places.items():
                known = merged.setdefault(place, {})
                for fact, seen in facts.items():
                    known[fact] = known.get(fact, Sighting()) + seen
        return {place: merged[place] for place in sorted(merged)}

    def days(self) -> tuple[str, str]:
        """The first and the last day of all recordings, as ISO dates; empty without any."""
        first = [r.first_day for r in self.recordings.values() if r.first_day]
        last = [r.last_day for r in self.recordings.values() if r.last_day]
        return min(first, default=""), max(last, default="")

    def to_json(self) -> dict[str, Any]:
        recordings = {identity: self.recordings[identity].to_json() for identity in sorted(self.recordings)}
        return {"form": FORM, "recordings": recordings}


def read_evidence(file: Path) -> Evidence:
    """Reads a file of evidence; an empty one if there is none yet. Raises `StartError` if it is something else."""
    if not file.exists():
        return Evidence()
    try:
        written = parse_json(file.read_text(encoding="utf-8"))
        if written["form"] != FORM:
            raise StartError(f"{file}: received form {written['form']!r}, documented: {FORM}. Fix: delete the file.")
        parts = written["recordings"].items()
        return Evidence({identity: RecordingEvidence.from_json(part) for identity, part in parts})
    except OSError as error:
        raise StartError(f"{file}: the evidence cannot be read: {error.strerror}") from error
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise StartError(f"{file}: this is no evidence. Fix: name a file that --evidence has written.") from error


def write_evidence(file: Path, evidence: Evidence) -> None:
    """Writes the evidence beside its place and moves it there, so that a crash leaves the old file whole."""
    text = json.dumps(evidence.to_json(), indent=1, ensure_ascii=False) + "\n"
    unfinished = file.with_name(f"{file.name}.part")
    try:
        unfinished.write_text(text, encoding="utf-8")
        unfinished.replace(file)
    except OSError as error:
        raise StartError(f"{file}: the evidence cannot be written: {error.strerror}") from error


def names(facts: Iterable[str], kind: str) -> Iterator[str]:
    """Yields the second halves of the facts of one kind: of `kind:null` and `kind:string`, `null` and `string`."""
    yield from (fact.partition(":")[2] for fact in facts if fact.partition(":")[0] == kind)
