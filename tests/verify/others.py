"""Targets with 300 records of others each: the second target, alone and with redirects to another host, and the fake
with larger fixtures. `Moment` kills a run on one of them."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from threading import Timer
from typing import Any

from mockserver.app import assemble
from mockserver.settings import Settings
from mockserver.testing.enspace_client import Enspace
from mockserver.verify.credentials import Credentials
from tests.verify.exchange import App, Receive, Scope, Send
from tests.verify.independent import misbehaviour, records
from tests.verify.independent.server import Target
from tests.verify.serving import served

SECOND = Credentials(
    records.FULL_KEY, records.WORKSPACE, records.READ_ONLY_KEY, records.EXPIRED_KEY, records.FOREIGN_WORKSPACE
)
REDIRECTED = 7  # every seventh request is redirected to another host


@dataclass
class Moment:
    """Kills a process when its request of this number arrives: that request is done or lost, or the kill comes `delay`
    seconds later."""

    number: int
    way: str
    delay: float
    process: subprocess.Popen[str] | None = None
    _arrived: Iterator[int] = field(default_factory=lambda: count(1))

    @classmethod
    def by_chance(cls, chance: random.Random, most: int) -> Moment:
        return cls(chance.randint(1, most), chance.choice(("done", "lost", "later")), chance.uniform(0, 0.05))

    def __call__(self) -> bool:
        """Counts a request; true if the target must not answer it."""
        if next(self._arrived) != self.number or self.process is None:
            return False
        if self.way == "later":
            Timer(self.delay, self.process.kill).start()
        else:
            self.process.kill()
        return self.way == "lost"


@dataclass
class Place:
    """A target, the tags to verify, and a function that dumps all of its records."""

    url: str
    credentials: Credentials
    dump: Callable[[], Any]
    tags: tuple[str, ...] = ()
    kill_at: Callable[[Moment], None] = lambda moment: None
    is_honest: bool = True


@contextmanager
def second() -> Iterator[Place]:
    """The second target: no code of ours; it has types, fields and members only."""
    with Target() as target:

        def kill_at(moment: Moment) -> None:
            target.misbehave = lambda handler: moment()

        yield Place(target.url, SECOND, target.records.dump, ("Types", "Fields", "Members"), kill_at)


@contextmanager
def leading_away() -> Iterator[Place]:
    """The second target, which redirects some requests to a twin. The twin must receive none."""
    with Target() as twin, Target() as target:
        away, numbers = misbehaviour.redirected_to(twin.url), count(1)
        target.misbehave = lambda handler: next(numbers) % REDIRECTED == 0 and away(handler)

        def dump() -> Any:
            return target.records.dump(), twin.records.dump(), len(twin.seen)

        yield Place(target.url, SECOND, dump, ("Types", "Fields", "Members"), is_honest=False)


@dataclass
class Watched:
    """The fake with a hook before each request."""

    app: App
    moment: Callable[[], bool] = lambda: False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_request = scope["type"] == "http" and not scope["path"].startswith("/_mock")
        if not (is_request and self.moment()):
            await self.app(scope, receive, send)


@contextmanager
def fake(fixtures: Path) -> Iterator[Place]:
    """The fake with all operations."""
    watched = Watched(assemble(Settings(fixtures=fixtures)).app)
    with served(watched) as url, Enspace.fresh(url) as sandbox:
        credentials = Credentials(sandbox.api_key, sandbox.workspace)
        yield Place(url, credentials, sandbox.state, kill_at=lambda moment: setattr(watched, "moment", moment))
