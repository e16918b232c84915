"""The fake as a Python object: a real server on a free port in a thread of this process."""

from __future__ import annotations

from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mockserver.settings import Settings
from mockserver.state.sandboxes import DEFAULT

if TYPE_CHECKING:
    from mockserver.coverage.report import Report
    from mockserver.testing.enspace_client import Enspace


class MockServer:
    """`with MockServer(seed=1) as enspace:` gives a sandbox of its own; settings are those of `mockserver serve`.

    The two that say what becomes of the coverage at the end of a command change nothing here; ask `coverage`.

    Without `with`, call `start` and `stop`; `url` is known after `start`.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(**{"port": 0} | settings)
        self.url = ""

    def start(self) -> Self:
        """Returns as soon as requests are answered. `StartError` if the server cannot be built or cannot listen."""
        from mockserver.app import assemble
        from mockserver.serving.server import create_served_app, create_server, listen, url_of

        fake = assemble(self.settings)
        app, listening = create_served_app(fake, self.settings), listen(self.settings)
        self.url = url_of(listening)
        self._fake, self._server = fake, create_server(app, fake.journal)
        # A daemon, so that a test process that is ended by force is not kept alive by its fake.
        self._thread = Thread(target=self._server.run, kwargs={"sockets": [listening]}, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends the server; the port is free again afterwards."""
        self._server.should_exit = True
        self._thread.join()
        self._fake.sandboxes.close()

    def coverage(self) -> Report:
        """What the calls so far, in all sandboxes, have shown of the contract."""
        return self._fake.coverage()

    def main_key(self) -> tuple[str, str]:
        """The first key of the sandbox `default`, and a workspace of it; empty texts if it has none."""
        key = next(iter(self._fake.sandboxes[DEFAULT].world["api_keys"]), None)
        return (key["key"], next(iter(key["scope"]["workspaces"]), "")) if key else ("", "")

    def sandbox(self, **options: Any) -> Enspace:
        """A fresh sandbox of this server; the options are those of `POST /_mock/sandboxes`."""
        from mockserver.testing.enspace_client import Enspace  # its HTTP client takes its time to load

        return Enspace.fresh(self.url, self.settings.control_token, **options)

    def __enter__(self) -> Enspace:
        self._own = self.start().sandbox()
        return self._own

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._own.close()
        finally:
            self.stop()
