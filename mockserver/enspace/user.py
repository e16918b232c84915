"""The caller's own keys and calls. R13-R15, R36, R37."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.here import Here, as_text
from mockserver.enspace.lists import Query
from mockserver.state.collection import in_order
from mockserver.state.history import Call
from mockserver.state.tables import Record

_SORTS = ("created_at", "method", "path", "status_code", "duration_ms", "workspace", "api_key")


def list_api_keys(here: Here) -> list[Record]:
    """R13."""
    keys = here.world["api_keys"].where(user=here.user["id"])
    return [{**views.api_key(here.world, key), "last_used_at": _last_use(here, key)} for key in keys]


def list_request_logs(here: Here, query: Query) -> list[Record]:
    """R36, R37."""
    order = lists.read_order(query["_sort"], _SORTS)
    filters = {name: value for name, value in query.items() if not name.startswith("_")}
    rows = (_row(call) for call in here.history if call.user == here.user["id"])
    search = query.get("_q", "")
    found = [row for row in rows if _fits(row, filters) and lists.contains(search, [row["path"]])]
    return in_order(found, order)[query["_start"] : query["_start"] + query["_limit"]]


def _fits(row: Record, filters: dict[str, Any]) -> bool:
    return all(row[name] == value for name, value in filters.items())


def _row(call: Call) -> Record:
    return {
        "id": call.id,
        "created_at": _instant(call.at),
        "method": call.method,
        "path": call.path,
        "status_code": call.status,
        "duration_ms": call.milliseconds,
        "workspace": call.workspace,
        "api_key": call.key,
        "ip": call.ip,
    }


def _last_use(here: Here, key: Record) -> str | None:
    at = here.history.last_use(key["reference"])
    return None if at is None else _instant(at)


def _instant(seconds: float) -> str:
    return as_text(datetime.fromtimestamp(seconds, UTC))
