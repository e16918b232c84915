"""Which store a setting names."""

from __future__ import annotations

from collections.abc import Iterable

from mockserver.state.stores import MemoryStore, Store
from mockserver.state.table import Table


def open_store(url: str, tables: Iterable[Table], version: str) -> Store:
    """`memory`, or the URL of a database such as `sqlite:///state.db`.

    `version` names the contract; a store that was written for another one is refused. `StoreError`.
    """
    if url == "memory":
        return MemoryStore()
    from mockserver.state.sql_store import SqlStore  # SQLAlchemy takes its time to load, and most starts need none

    return SqlStore(url, tables, version)
