"""Fixtures from recordings: the records in recorded answers, completed and validated, as a folder of YAML files."""

from __future__ import annotations

import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from mockserver.contract.document import Document
from mockserver.enspace.keys import first_credentials
from mockserver.enspace.tables import TABLES
from mockserver.errors import StartError
from mockserver.fixture_files.observed_records import ObservedRecords
from mockserver.fixture_files.record_completion import RecordCompletion
from mockserver.fixture_files.rows import write_rows
from mockserver.fixture_files.usable_rows import LeftOut, usable_world
from mockserver.judging.recorded_calls import RecordedCall, Recording
from mockserver.state.table import Record
from mockserver.state.world import World
from mockserver.text import count_of
from mockserver.traffic.personal_data import PersonalData
from mockserver.traffic.pseudonyms import Pseudonyms
from mockserver.traffic.recorded_keys import RecordedKeys
from mockserver.traffic.recorded_world import RecordedWorld

_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class RecordedFixtures:
    """The world of recordings, and what was set aside on the way, by reason."""

    world: World
    calls: int
    set_aside: Counter[str]
    completed: Counter[str]
    left_out: LeftOut
    personal: PersonalData | None
    keys: RecordedKeys

    def describe(self) -> Iterator[str]:
        """Yields what was read and what was left out."""
        yield f"{count_of(self.calls, 'call')} used" + _reasons("; set aside: ", self.set_aside, ", ")
        if completed := ", ".join(f"{count} {name}" for name, count in sorted((+self.completed).items())):
            yield f"completed, as answers only named them: {completed}"
        yield from self.left_out.describe()
        yield ", ".join(f"{len(rows)} {name}" for name, rows in self.world if len(rows))
        yield from self.personal.describe_kept() if self.personal else ()
        key = first_credentials(self.world)
        yield f"demo key {key.key}, workspace {key.workspace}"

    def write(self, out: Path, source: Path) -> None:
        """Writes a folder of fixtures, with the words and the scenarios of `source`; all of it or nothing."""
        unfinished = out.with_name(f"{out.name}.new")
        try:
            shutil.rmtree(unfinished, ignore_errors=True)
            unfinished.mkdir(parents=True)
            for table in TABLES:
                write_rows(self.world, table, unfinished)
            if (words := source / "vocabulary.yaml").exists():
                shutil.copyfile(words, unfinished / words.name)
            if (scenarios := source / "scenarios").is_dir():
                shutil.copytree(scenarios, unfinished / scenarios.name)
            unfinished.replace(out)
        except OSError as error:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise StartError(f"{out}: the fixtures cannot be written: {error.strerror}") from error


def read_recorded_fixtures(
    recordings: Sequence[Recording],
    document: Document,
    prefix: str | None,
    *,
    keep_values: bool = False,
    replace_slugs: bool = False,
    at_start: bool = False,
) -> RecordedFixtures:
    """Reads the records of recordings, as after the last call, or as before the first one.

    Raises `StartError` if a file is unusable, or none shows a record.
    """
    pseudonyms = Pseudonyms(secrets.token_bytes(32))
    personal = None if keep_values else PersonalData(document, pseudonyms, replaces_slugs=replace_slugs)
    recorded, set_aside = RecordedWorld(document, prefix, personal, at_start=at_start), Counter[str]()
    recordings = in_recorded_order(recordings)
    if personal is not None:
        # All before the first replacement: a slug may be named before it is seen as one.
        for call in (call for recording in recordings for call in recording.calls()):
            recorded.note_things(call)
    for recording in recordings:
        for call in recording.calls():
            recorded.add(call)
        set_aside["not readable as a call"] += recording.unusable
        set_aside["cut off after the last one"] += recording.is_cut
    recorded.finish()
    set_aside = +(set_aside + recorded.set_aside)
    if not any(recorded.records):
        raise StartError("the recordings show no record of this API" + _reasons(": ", set_aside, ", "))
    completion = RecordCompletion(recorded.records, recorded.keys.owners())
    recorded.keys.add_to(recorded.records, completion)
    completion.complete()
    world = usable_world(_rows(recorded.records), document, completion.left_out)
    recorded.keys.note_left_out(world)
    return RecordedFixtures(
        world, recorded.used, set_aside, completion.completed, completion.left_out, personal, recorded.keys
    )


def _rows(records: ObservedRecords) -> dict[str, list[Record]]:
    """The rows by collection, those of the newest answers first."""
    found = {table.name: records.of(table.name) for table in TABLES}
    return {name: [r.members for r in sorted(each, key=lambda r: -r.answer)] for name, each in found.items()}


def in_recorded_order(recordings: Sequence[Recording]) -> list[Recording]:
    """Returns recordings in the order in which they began."""
    return sorted(recordings, key=_start)


def _start(recording: Recording) -> datetime:
    """The instant of the first call."""
    first: RecordedCall | None = next(recording.calls(), None)
    try:
        started = datetime.fromisoformat(first.started) if first else _NEVER
    except ValueError:
        return _NEVER
    return started if started.tzinfo else started.replace(tzinfo=UTC)


def _reasons(before: str, counts: Counter[str], separator: str) -> str:
    return before + separator.join(f"{count} {reason}" for reason, count in sorted(counts.items())) if counts else ""
