"""Errors of a database that is used while the server runs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from mockserver.state.stores import StoreUnavailable


@contextmanager
def available() -> Iterator[None]:
    """Turns errors of the database, except about unique values, into `StoreUnavailable`."""
    try:
        yield
    except IntegrityError:
        raise
    except (DBAPIError, PoolTimeout) as error:
        reason = str(error.__cause__ or error).strip().splitlines()[0]
        raise StoreUnavailable(f"the store does not answer: {reason}") from error
