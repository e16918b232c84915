"""Fixtures as they are when a sandbox starts: dates moved by whole days, so that the last change was yesterday."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from mockserver.clock import Clock
from mockserver.state.world import World

# A date, or an instant of ISO 8601.
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}\S*)?")


class DatedFixtures:
    """Fixtures, for sandboxes that start at different times. `written` has the dates of the files."""

    def __init__(self, written: World, *, keeps_dates: bool) -> None:
        self.written, self._newest_day = written, None if keeps_dates else _newest_day(written)
        self._day, self._moved = self._newest_day, written

    def starting(self, clock: Clock) -> World:
        """Returns a copy for a sandbox with this clock. A frozen clock keeps the dates: its answers never change."""
        if self._newest_day is None or clock.frozen_at is not None:
            return self.written.fork()
        yesterday = datetime.fromtimestamp(clock(), UTC).date() - timedelta(days=1)
        if self._day != yesterday:  # the sandboxes of one day share their records
            self._day, self._moved = yesterday, _moved(self.written, yesterday - self._newest_day)
        return self._moved.fork()


def _newest_day(world: World) -> date | None:
    """Returns the day of the last change, if there is any."""
    changes = (record["updated_at"] for _, each in world for record in each if record.get("updated_at"))
    newest = max(changes, default=None)
    return None if newest is None else date.fromisoformat(newest[:10])


def _moved(written: World, by: timedelta) -> World:
    world = written.fork()
    with world.transaction():
        for name, collection in written:
            for record in collection.as_put():
                changed = {member: new for member, value in record.items() if (new := _move(value, by)) != value}
                if changed:
                    world.update(name, record["id"], **changed)
    return world


def _move(value: Any, by: timedelta) -> Any:
    """Copies a value with all its dates moved."""
    if isinstance(value, dict):
        return {name: _move(part, by) for name, part in value.items()}
    if isinstance(value, list):
        return [_move(part, by) for part in value]
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return value
    try:
        return f"{date.fromisoformat(value[:10]) + by}{value[10:]}"
    except (ValueError, OverflowError):  # no such day, such as 2026-02-30, or none after the year 9999
        return value
