"""The API keys and the request log of the caller. R13-R15, R36, R37."""

from __future__ import annotations

import re
from typing import Any

from mockserver.clock import stamp
from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.secrets import mask_path, mask_query, mask_text
from mockserver.state.collection import in_order
from mockserver.state.request_log import LoggedRequest
from mockserver.state.table import Record

# A list of calls must stay small, however long the paths that clients try.
_LONGEST_PATH = 2000
_IPV4 = re.compile(r"[0-9]{1,3}(\.[0-9]{1,3}){3}", re.ASCII)
_SORTS = ("created_at", "method", "path", "status_code", "duration_ms", "workspace", "api_key")


def list_api_keys(context: Context) -> list[Record]:
    """R13."""
    keys = context.world["api_keys"].where(user=context.user["id"])
    return [{**views.api_key(context.world, key), "last_used_at": _last_use(context, key)} for key in keys]


def list_request_logs(context: Context, query: Query) -> list[Record]:
    """R36, R37."""
    order = lists.read_order(query["_sort"], _SORTS)
    filters = {name: value for name, value in query.items() if not name.startswith("_")}
    calls = {id: call for id, call in context.request_log if call.user == context.user["id"]}
    search = query.get("_q", "")

    def with_path(row: Record) -> Record:
        return row | {"path": _path(calls[row["id"]])}

    rows = [row for id, call in calls.items() if _fits(row := _row(id, call), filters)]
    # Masking a path takes longest: where nothing depends on it, only those of the page are masked.
    is_by_path = search or any(name == "path" for name, _ in order)
    if is_by_path:
        rows = [row for row in map(with_path, rows) if lists.contains(search, [row["path"]])]
    page = in_order(rows, order)[query["_start"] : query["_start"] + query["_limit"]]
    return page if is_by_path else list(map(with_path, page))


def _fits(row: Record, filters: dict[str, Any]) -> bool:
    return all(row[name] == value for name, value in filters.items())


def _row(id: int, call: LoggedRequest) -> Record:
    return {
        "id": id,
        "created_at": stamp(call.at),
        # The contract documents no HEAD; the server answers it as a GET without body.
        "method": "GET" if call.method == "HEAD" else call.method,
        "path": "",  # set where it is shown
        "status_code": call.status,
        "duration_ms": round(call.milliseconds),
        "workspace": call.workspace and mask_text(call.workspace),
        "api_key": call.key,
        # The contract documents IPv4 only; a client on the same machine may come by IPv6.
        "ip": call.client if _IPV4.fullmatch(call.client) else "127.0.0.1",
    }


def _path(call: LoggedRequest) -> str:
    path = mask_path(call.path.decode("latin-1"))
    query = f"?{mask_query(call.query.decode('latin-1'))}" if call.query else ""
    return (path + query)[:_LONGEST_PATH]


def _last_use(context: Context, key: Record) -> str | None:
    at = context.request_log.last_use(key["reference"])
    return None if at is None else stamp(at)
