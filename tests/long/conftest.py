"""Stores for the long tests of state."""

from tests.state.conftest import postgres, stores

__all__ = ["postgres", "stores"]
