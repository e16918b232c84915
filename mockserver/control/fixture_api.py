"""A sandbox as fixtures: all its records as rows to be kept, and rows that take their place."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from connexion.exceptions import ProblemException

from mockserver.control.scope import problems, sandbox_of, unusable
from mockserver.enspace.hidden_members import masked, with_secrets
from mockserver.enspace.tables import TABLES
from mockserver.fixture_files.fixture_reader import FixtureError, UnusableRow, parse_rows
from mockserver.fixture_files.fixture_validator import FixtureValidator, validated_world
from mockserver.fixture_files.rows import row_of, text_of
from mockserver.secrets import mask_text
from mockserver.state.sandboxes import Sandboxes
from mockserver.state.world import World

Json = dict[str, Any]

UPLOAD = "upload"
_LARGEST = 2**28  # bytes of all files of an archive together


class FixtureHandlers:
    """The operations on the records of one sandbox as a whole."""

    def __init__(self, sandboxes: Sandboxes, judge: FixtureValidator) -> None:
        self._sandboxes, self._judge = sandboxes, judge

    async def get_fixtures(self, sandbox: str | None = None) -> dict[str, list[Json]]:
        world = sandbox_of(self._sandboxes, sandbox).world
        return {table.name: list(_rows(world, table.name)) for table in TABLES}

    async def get_fixture_files(self, sandbox: str | None = None) -> tuple[bytes, int, dict[str, str]]:
        # In a thread, as a large world takes seconds; a copy, as this one may change meanwhile.
        packed = await asyncio.to_thread(_packed, sandbox_of(self._sandboxes, sandbox).world.fork())
        return (
            packed,
            200,
            {
                "content-type": "application/zip",
                "content-disposition": 'attachment; filename="fixtures.zip"',
            },
        )

    async def load_fixture_files(self, body: Any, sandbox: str | None = None) -> Json:
        return await self.load_fixtures(_unpacked(body or b""), sandbox)  # Connexion calls no body {}

    async def load_fixtures(self, body: dict[str, Any], sandbox: str | None = None) -> Json:
        box = sandbox_of(self._sandboxes, sandbox)
        known = {table.name for table in TABLES}
        if unknown := next((name for name in body if name not in known), None):
            raise unusable(f"no collection {unknown[:60]!r}; known are {', '.join(sorted(known))}")
        before = box.world.fork()
        try:
            world = await asyncio.to_thread(
                validated_world, lambda table: _with_secrets(before, table, body.get(table) or ()), self._judge
            )
        except UnusableRow as error:
            fault = {"collection": error.table, "row": error.number + 1, "message": mask_text(error.fault.problem)}
            raise ProblemException(
                status=400, title="Bad Request", detail=str(error), ext={"errors": [fault]}
            ) from error
        with problems():
            self._sandboxes.keep(box, UPLOAD, world)
            self._sandboxes.restore(box, UPLOAD)
        return {"snapshot": UPLOAD, "records": {name: len(collection) for name, collection in box.world}}


def _rows(world: World, table: str) -> Iterator[Json]:
    collection = world[table]
    return (masked(table, row_of(world, collection.table, record)) for record in collection)


def _with_secrets(world: World, table: str, rows: Any) -> Iterator[Any]:
    """Rows whose masks are what they stand for in the present world."""
    for row in rows:
        id = row.get("id") if isinstance(row, dict) else None
        known = world[table].get(id) if isinstance(id, int) else None
        yield with_secrets(table, row, known) if isinstance(row, dict) else row


def _packed(world: World) -> bytes:
    """One file of YAML for each collection, to be unpacked over `fixtures/`."""
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        for table in TABLES:
            lines = "".join(f"- {text_of(row)}" for row in _rows(world, table.name))
            archive.writestr(f"{table.name}.yaml", lines or "[]\n")
    return packed.getvalue()


def _unpacked(packed: bytes) -> dict[str, list[Any]]:
    """The rows of an archive by collection; files of other names are left alone."""
    known = {f"{table.name}.yaml": table.name for table in TABLES}
    try:
        with ZipFile(BytesIO(packed)) as archive:
            files = [file for file in archive.infolist() if Path(file.filename).name in known]
            if sum(file.file_size for file in files) > _LARGEST:
                raise unusable(f"the archive holds more than {_LARGEST} bytes")
            if not files:
                raise unusable(f"the archive holds none of {', '.join(known)}")
            return {known[Path(file.filename).name]: _read(archive, file) for file in files}
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:  # the last: encrypted
        raise unusable(f"received no zip archive: {error}") from error
    except FixtureError as error:
        raise unusable(str(error)) from error


def _read(archive: ZipFile, file: ZipInfo) -> list[Any]:
    return parse_rows(lambda: archive.read(file), Path(Path(file.filename).name))
