"""Stores for the long tests of state."""

from tests.state.conftest import mortal_postgres, postgres, stores

__all__ = ["mortal_postgres", "postgres", "stores"]
