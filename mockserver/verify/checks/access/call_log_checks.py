"""Promises of a log: each call adds a row to the list that shows the calls of a key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.operations import Operation
from mockserver.contract.promises import Effect, MemberPath, value_at
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.promised.promised_records import create_record, promises_of_kind
from mockserver.verify.checks.records.record_checks import MISSING_KEYS, absent_keys, absent_query
from mockserver.verify.checks.writes.samples import changed_bodies
from mockserver.verify.judging.assertions import has_new_row, is_page_of
from mockserver.verify.probe import Probe
from mockserver.verify.received import Received, Record, show
from mockserver.verify.safety.limits import WRITING

_NEWEST, _OLDEST = 50, 2  # rows that are read
_LATER = 1  # second, for a log that is written after the answer


@for_each_operation
def calls_are_logged(probe: Probe, operation: Operation) -> None:
    """Each call adds a row, whether it succeeds or not."""
    for promise in promises_of_kind(probe, operation, Effect):
        if promise.calls:
            _check_rows(probe, operation, promise)
            _check_oldest(probe, operation)


def _check_rows(probe: Probe, log: Operation, promise: Effect) -> None:
    known = [row.get("id") for row in probe.call(log, query={"_limit": _NEWEST}).records]
    calls = [call for call in _calls(probe) if call.status]
    newest, missing = _missing(probe, log, promise, known, calls)
    if missing:
        time.sleep(_LATER)
        newest, missing = _missing(probe, log, promise, known, calls)
    for call in missing[:1]:
        wanted = _row_of(promise, call)
        # In a reproduction, a record that is created has another key.
        is_same = call.request.method == "GET" or call.status == 404
        values = {path: value for path, value in wanted.items() if is_same or value != _path(call)}
        expected = newest.expects(has_new_row, [[list(path), value] for path, value in values.items()], after=[call])
        row = ", ".join(f"{'.'.join(path)} {show(value)}" for path, value in wanted.items())
        probe.report(
            log, "call_is_logged", newest, _nearest(newest, known, promise, call), f"a row with {row}", expected
        )


def _check_oldest(probe: Probe, log: Operation) -> None:
    """Checks that a short page begins with the oldest row, which a longer one shows: new rows come behind them."""
    sorts = [one.sort_names for one in probe.contract.resources if one.listing == log]
    if not any("id" in names for names in sorts):
        return
    short, long = (probe.call(log, query={"_sort": "id:ASC", "_limit": limit}) for limit in (_OLDEST, _NEWEST))
    page, wanted = ([row["id"] for row in one.records[:_OLDEST] if "id" in row] for one in (short, long))
    # A log may drop its oldest rows in between, but gets no older ones.
    if page and wanted and all(type(one) is int for one in (*page, *wanted)) and min(wanted) < min(page):
        received, documented = f"the ids {page} for _limit={_OLDEST}", f"the ids {wanted}, as for _limit={_NEWEST}"
        expected = short.expects(is_page_of, long.member(), 0, _OLDEST)
        probe.report(log, "pages_have_no_gap_and_no_repeat", short, received, documented, expected)


def _nearest(newest: Received, known: list[Any], promise: Effect, call: Received) -> str:
    """Describes the new row that has most of what is promised of a call."""
    rows = [row for row in newest.records if row.get("id") not in known]
    nearest = min(rows, key=lambda row: len(_differing(row, promise, call)), default={})
    paths = _differing(nearest, promise, call)
    if len(paths) == len(promise.calls):
        return "no row for a call"
    parts = (f"{'.'.join(path)} {show(value_at(nearest, path))}" for path in paths)
    return f"the row {nearest.get('id')} with {', '.join(parts)}"


def _missing(
    probe: Probe, log: Operation, promise: Effect, known: list[Any], calls: list[Received]
) -> tuple[Received, list[Received]]:
    """Returns the newest rows and the calls that have none; all have one if there are more new rows than were read."""
    newest = probe.call(log, query={"_limit": _NEWEST})
    rows = [row for row in newest.records if row.get("id") not in known]
    is_whole = newest.ok and len(rows) < _NEWEST
    return newest, [call for call in calls if is_whole and all(_differing(row, promise, call) for row in rows)]


def _calls(probe: Probe) -> Iterator[Received]:
    """Sends reads, of what is missing or foreign too, and a write of each kind where the mode allows it.

    A HEAD is sent only for its row, which has to fit the schema: how a log names it, is not promised.
    """
    every = [one for one in probe.contract.resources if one.get and one.is_in_workspace and not one.parent_keys]
    for resource in sorted(every, key=lambda one: not (one.create and one.update and one.delete))[:1]:
        get: Any = resource.get
        yield probe.call(resource.listing, query={"_limit": 1})
        if foreign := probe.credentials.foreign_workspace:
            headers = probe.credentials.headers(en_workspace=foreign)
            yield probe.call(resource.listing, query={"_limit": 1}, headers=headers)
        probe.head(resource.listing)
        yield probe.call(get, {resource.key: MISSING_KEYS[0]})
        if resource.create and probe.mode in WRITING:
            yield probe.call(resource.create, body={})  # refused
        keys, created = create_record(probe, resource) if probe.mode in WRITING else ({}, Received(0))
        yield created
        if created.record and resource.update and resource.delete:
            yield probe.call(resource.update, keys, body=changed_bodies(resource.update, created.record)[0])
            yield probe.call(resource.delete, keys)
    named = (one for one in probe.contract.operations if one.method == "DELETE" and absent_query(one))
    for operation in named if probe.mode in WRITING else ():
        yield probe.call(operation, absent_keys(operation), absent_query(operation))


def _row_of(promise: Effect, call: Received) -> dict[MemberPath, Any]:
    """Returns what the row of a call has at each path."""
    parts = {
        "method": call.request.method,
        "path": _path(call),
        "status": call.status,
        "workspace": call.request.headers.get("en-workspace"),
    }
    return {path: parts[part] for path, part in promise.calls.items()}


def _path(call: Received) -> str:
    parts = urlsplit(call.request.url)
    return parts._replace(scheme="", netloc="").geturl()


def _differing(row: Record, promise: Effect, call: Received) -> list[MemberPath]:
    """Returns where a row has not what is promised of a call; its path may begin below that of the address."""
    wanted, whole = _row_of(promise, call), _path(call)
    received = {path: value_at(row, path) for path in wanted}
    below = [path for path, value in received.items() if str(value).startswith("/") and whole.endswith(value)]
    return [p for p, value in wanted.items() if received[p] != value and not (p in below and value == whole)]
