"""What becomes of the sandboxes when contract and fixtures are others: data that still fits is kept.

A sandbox that cannot be kept begins anew, with its keys. Each is the same object before and after, so that a request
that is still under way changes what is kept.
"""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.app import Fake
from mockserver.enspace import keys
from mockserver.fixture_files.fixture_validator import emptied, fits
from mockserver.state.sandboxes import DEFAULT, Sandbox
from mockserver.state.world import World


def keep_what_fits(before: Fake, after: Fake) -> list[str]:
    """Gives the sandboxes to the new fake; tells of those that are not what somebody may expect them to be."""
    keeper = _Keeper(before, after)
    return [told for sandbox in after.sandboxes for told in keeper.keep(sandbox)]


class _Keeper:
    """A contract of the same components has the same shapes, so that no record need be held against it."""

    def __init__(self, before: Fake, after: Fake) -> None:
        self._after = after
        self._has_same_shapes = before.document.raw.get("components") == after.document.raw.get("components")
        self._has_same_fixtures = before.world.is_like(after.world)

    def keep(self, sandbox: Sandbox) -> Iterator[str]:
        sandbox.answers.clear()
        for name in [name for name, world in sandbox.snapshots.items() if not self._fits(world)]:
            self._after.sandboxes.drop_snapshot(sandbox, name)
            yield f"the snapshot {name} of the sandbox {sandbox.name} did not fit and is gone"
        is_untouched = sandbox.world.is_like(sandbox.origin)
        if sandbox.name == DEFAULT or not self._fits(sandbox.origin):
            sandbox.origin = self._beginning(sandbox)
        if not self._fits(sandbox.world):
            self._after.sandboxes.reset(sandbox)
            yield f"the sandbox {sandbox.name} did not fit and was reset"
        elif sandbox.name == DEFAULT and is_untouched and not self._has_same_fixtures:
            self._after.sandboxes.begin_anew(sandbox)
        elif sandbox.name == DEFAULT and not self._has_same_fixtures:
            yield f"the sandbox {sandbox.name} has data of its own and takes the rows with its next reset"

    def _fits(self, world: World) -> bool:
        return self._has_same_shapes or fits(world, self._after.document)

    def _beginning(self, sandbox: Sandbox) -> World:
        """The new fixtures, in any but the default sandbox with the keys that it has."""
        if sandbox.name == DEFAULT:
            return self._after.world.fork()
        is_empty = not len(sandbox.origin["types"])
        world = emptied(self._after.world) if is_empty else self._after.world.fork()
        with world.transaction():
            keys.replace_secrets(world)  # those of new rows are its own too
            keys.keep_secrets(world, sandbox.origin)
        return world
