"""Migrates sandboxes to a reloaded contract; resets those that no longer validate.

A reset sandbox keeps its keys. The sandbox objects stay, so that running requests change what is migrated.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.app import Fake
from mockserver.enspace import keys
from mockserver.fixture_files.fixture_validator import emptied, fits
from mockserver.state.sandboxes import DEFAULT, Sandbox
from mockserver.state.world import World


def migrate_sandboxes(before: Fake, after: Fake) -> list[str]:
    """Migrates the sandboxes, which both fakes share; returns a text for each unexpected consequence."""
    migration = _Migration(before, after)
    return [text for sandbox in after.sandboxes for text in migration.migrate(sandbox)]


class _Migration:
    """One reload. If the components did not change, all records are still valid."""

    def __init__(self, before: Fake, after: Fake) -> None:
        self._after = after
        self._has_same_schemas = before.document.raw.get("components") == after.document.raw.get("components")
        self._has_same_fixtures = before.fixtures.written.is_like(after.fixtures.written)

    def migrate(self, sandbox: Sandbox) -> Iterator[str]:
        for name in [name for name, world in sandbox.snapshots.items() if not self._is_valid(world)]:
            self._after.sandboxes.drop_snapshot(sandbox, name)
            yield f"the snapshot {name} of the sandbox {sandbox.name} is not valid any more and was deleted"
        is_unchanged = sandbox.world.is_like(sandbox.origin)
        if sandbox.name == DEFAULT or not self._is_valid(sandbox.origin):
            sandbox.origin = self._new_origin(sandbox)
        if not self._is_valid(sandbox.world):
            self._after.sandboxes.reset(sandbox)
            yield f"the sandbox {sandbox.name} is not valid any more and was reset"
        elif sandbox.name == DEFAULT and is_unchanged and not self._has_same_fixtures:
            self._after.sandboxes.restore_origin(sandbox)
        elif sandbox.name == DEFAULT and not self._has_same_fixtures:
            yield f"the sandbox {sandbox.name} has changes of its own and gets the new rows with its next reset"

    def _is_valid(self, world: World) -> bool:
        return self._has_same_schemas or fits(world, self._after.document)

    def _new_origin(self, sandbox: Sandbox) -> World:
        """Returns the new fixtures; for any but the default sandbox with the keys that it has."""
        if sandbox.name == DEFAULT:
            return self._after.fixtures.starting(sandbox.clock)
        is_empty = not len(sandbox.origin["types"])
        started = self._after.fixtures.starting(sandbox.clock)
        world = emptied(started) if is_empty else started
        with world.transaction():
            keys.replace_secrets(world)  # rows that are new get secrets of their own too
            keys.keep_secrets(world, sandbox.origin)
        return world
