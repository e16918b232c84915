"""Handlers of the control API for all records of a sandbox: the state, fixtures, and their replacement."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, BadZipFile, ZipFile, ZipInfo

from starlette.responses import Response

from mockserver.control.background import in_background
from mockserver.control.body_limit import MAX_BODY
from mockserver.control.problems import bad_request, state_errors
from mockserver.control.sandbox_selection import select_sandbox
from mockserver.enspace.hidden_members import masked, with_secrets
from mockserver.enspace.tables import TABLES
from mockserver.fixture_files.fixture_reader import FixtureError, UnusableRow, parse_rows
from mockserver.fixture_files.fixture_validator import FixtureValidator, validated_world
from mockserver.fixture_files.rows import row_of, text_of
from mockserver.secrets import mask_text
from mockserver.state.sandboxes import Sandboxes
from mockserver.state.world import World

Json = dict[str, Any]

UPLOAD = "upload"  # the snapshot of the latest upload
_ZIP_HEADERS = {"content-type": "application/zip", "content-disposition": 'attachment; filename="fixtures.zip"'}
# Unpacked size in bytes: an archive of a few kilobytes could fill the memory.
_MAX_ARCHIVE_SIZE = MAX_BODY
# In each file, eight times as many as in the largest shipped one. Each is several objects of the parser, and the
# garbage collector stops all threads to pass them: 100 ms for 100,000 values.
_MAX_VALUES = 40_000


class FixtureHandlers:
    """Operations on all records of one sandbox."""

    def __init__(self, sandboxes: Sandboxes, validator: FixtureValidator) -> None:
        self._sandboxes, self._validator = sandboxes, validator

    async def get_state(self, sandbox: str | None = None) -> Response:
        # A copy, because requests may change the world meanwhile.
        world = select_sandbox(self._sandboxes, sandbox).world.fork()
        return await in_background(_render, world, lambda name: (masked(name, record) for record in world[name]))

    async def get_fixtures(self, sandbox: str | None = None) -> Response:
        world = select_sandbox(self._sandboxes, sandbox).world.fork()
        return await in_background(_render, world, lambda name: _rows(world, name))

    async def get_fixture_files(self, sandbox: str | None = None) -> tuple[bytes, int, dict[str, str]]:
        archive = await in_background(_pack, select_sandbox(self._sandboxes, sandbox).world.fork())
        return archive, 200, _ZIP_HEADERS

    async def load_fixture_files(self, body: Any, sandbox: str | None = None) -> Json:
        rows = await in_background(_unpack, body or b"")  # Connexion passes {} for a missing body
        return await self.load_fixtures(rows, sandbox)

    async def load_fixtures(self, body: dict[str, Any], sandbox: str | None = None) -> Json:
        box = select_sandbox(self._sandboxes, sandbox)
        known = {table.name for table in TABLES}
        if unknown := next((name for name in body if name not in known), None):
            raise bad_request(f"no collection {unknown[:60]!r}; known are {', '.join(sorted(known))}")
        # For the secrets of the present records: a copy, because a thread reads it while other requests run.
        before = box.world.fork()
        try:
            world = await in_background(
                validated_world, lambda table: _with_secrets(before, table, body.get(table) or ()), self._validator
            )
        except UnusableRow as row:
            error = {"collection": row.table, "row": row.number + 1, "message": mask_text(row.fault.problem)}
            raise bad_request(str(row), errors=[error]) from row
        # Kept as a snapshot too, so that a test can return to the uploaded state.
        with state_errors():
            self._sandboxes.keep(box, UPLOAD, world)
            self._sandboxes.restore(box, UPLOAD)
        return {"snapshot": UPLOAD, "records": {name: len(collection) for name, collection in box.world}}


def _render(world: World, records_of: Callable[[str], Iterable[Json]]) -> Response:
    """The response with all records by collection."""
    # One by one: a single call for all would keep other threads waiting.
    lists = (f'"{name}": [{", ".join(map(json.dumps, records_of(name)))}]' for name, _ in world)
    return Response(f"{{{', '.join(lists)}}}", media_type="application/json")


def _rows(world: World, table: str) -> Iterator[Json]:
    collection = world[table]
    return (masked(table, row_of(world, collection.table, record)) for record in collection)


def _with_secrets(world: World, table: str, rows: Any) -> Iterator[Any]:
    """The rows with each mask replaced by the secret of the present record with the same id."""
    for row in rows:
        id = row.get("id") if isinstance(row, dict) else None
        known = world[table].get(id) if isinstance(id, int) else None
        yield with_secrets(table, row, known) if isinstance(row, dict) else row


def _pack(world: World) -> bytes:
    """A zip archive with one YAML file per collection, ready to unpack into `fixtures/`."""
    buffer = BytesIO()
    with ZipFile(buffer, "w", ZIP_DEFLATED) as archive:
        for table in TABLES:
            lines = "".join(f"- {text_of(row)}" for row in _rows(world, table.name))
            archive.writestr(f"{table.name}.yaml", lines or "[]\n")
    return buffer.getvalue()


def _unpack(content: bytes) -> dict[str, list[Any]]:
    """The rows of a zip archive by collection. Other files are ignored. Raises a 400."""
    known = {f"{table.name}.yaml": table.name for table in TABLES}
    try:
        with ZipFile(BytesIO(content)) as archive:
            # By file name alone: archivers add a folder around the files.
            files = [file for file in archive.infolist() if Path(file.filename).name in known]
            if sum(file.file_size for file in files) > _MAX_ARCHIVE_SIZE:
                raise bad_request(f"the archive holds more than {_MAX_ARCHIVE_SIZE} bytes")
            if not files:
                raise bad_request(f"the archive holds none of {', '.join(known)}")
            return {known[Path(file.filename).name]: _read(archive, file) for file in files}
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:  # RuntimeError: encrypted
        raise bad_request(f"received no zip archive: {error}") from error
    except FixtureError as error:
        raise bad_request(str(error)) from error


def _read(archive: ZipFile, file: ZipInfo) -> list[Any]:
    return parse_rows(lambda: archive.read(file), Path(Path(file.filename).name), _MAX_VALUES)
