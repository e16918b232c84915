"""Logs of one sandbox that several processes share, in PostgreSQL: its requests, and what they have covered."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine, text

from mockserver.secrets import mask_path, mask_query
from mockserver.state.coverage_log import CoverageLog, Shape
from mockserver.state.database_errors import available
from mockserver.state.request_log import LoggedRequest, RequestLog

_LOGGED = text("SELECT id, request FROM requests WHERE sandbox = :sandbox ORDER BY id")
_LAST_USE = text("SELECT max(at) FROM requests WHERE sandbox = :sandbox AND key = :key")
_CLEAR_LOG = text(
    "WITH cleared AS (UPDATE sandboxes SET requests = 0 WHERE name = :sandbox)"
    " DELETE FROM requests WHERE sandbox = :sandbox"
)
_COVER = text("INSERT INTO coverage (sandbox, shape) VALUES (:sandbox, :shape) ON CONFLICT DO NOTHING")
_COVERED = text("SELECT shape FROM coverage WHERE sandbox = :sandbox")
_COVERED_BY_ALL = text("SELECT DISTINCT shape FROM coverage")
_CLEAR_COVERAGE = text(
    "WITH cleared AS (UPDATE sandboxes SET coverage_resets = coverage_resets + 1 WHERE name = :sandbox)"
    " DELETE FROM coverage WHERE sandbox = :sandbox"
)


class SharedRequestLog(RequestLog):
    """The request log of one sandbox, of all processes. `JournalStore` adds to it."""

    def __init__(self, engine: Engine, sandbox: str) -> None:
        super().__init__()
        self._engine, self._sandbox = engine, sandbox

    def __iter__(self) -> Iterator[tuple[int, LoggedRequest]]:
        with available(), self._engine.connect() as connection:
            rows = connection.execute(_LOGGED, {"sandbox": self._sandbox}).all()
        return ((row.id, _request_from(json.loads(row.request))) for row in rows)

    def clear(self) -> None:
        with available(), self._engine.connect() as connection:
            connection.execute(_CLEAR_LOG, {"sandbox": self._sandbox})

    def last_use(self, key: str) -> float | None:
        with available(), self._engine.connect() as connection:
            at: float | None = connection.scalar(_LAST_USE, {"sandbox": self._sandbox, "key": key})
        return at


def logged_row(request: LoggedRequest) -> dict[str, Any]:
    """Returns the columns of a logged request. Its secrets are masked, as others may read a database."""
    target = {
        "path": mask_path(request.path.decode("latin-1")),
        "query": mask_query(request.query.decode("latin-1")),
    }
    return {"at": request.at, "key": request.key, "request": json.dumps(asdict(request) | target)}


def _request_from(written: dict[str, Any]) -> LoggedRequest:
    # What was masked may have been decoded before.
    texts = {name: written[name].encode("latin-1", "backslashreplace") for name in ("path", "query")}
    return LoggedRequest(**{**written, **texts})


class SharedCoverageLog(CoverageLog):
    """The coverage log of one sandbox, or of all of them for None, of all processes.

    `shapes` are those that this process need not save again.
    """

    def __init__(self, engine: Engine, sandbox: str | None) -> None:
        super().__init__()
        self._engine, self._sandbox = engine, sandbox

    def add(self, shape: Shape) -> None:
        super().add(shape)
        if self._sandbox is not None:
            written = json.dumps([*shape[:2], *(sorted(places) for places in shape[2:])])
            with available(), self._engine.connect() as connection:
                connection.execute(_COVER, {"sandbox": self._sandbox, "shape": written})

    def merged(self) -> dict[tuple[str, int], frozenset[str]]:
        query = _COVERED_BY_ALL if self._sandbox is None else _COVERED.bindparams(sandbox=self._sandbox)
        with available(), self._engine.connect() as connection:
            rows = [json.loads(row.shape) for row in connection.execute(query)]
        self.shapes = {(operation, status, frozenset(head), frozenset(rest)) for operation, status, head, rest in rows}
        return super().merged()

    def clear(self) -> None:
        super().clear()
        if self._sandbox is not None:
            with available(), self._engine.connect() as connection:
                connection.execute(_CLEAR_COVERAGE, {"sandbox": self._sandbox})
