"""The mock server as a Python object: a real HTTP server on a free port, in a thread of this process."""

from __future__ import annotations

from threading import Thread
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from mockserver.settings import Settings

if TYPE_CHECKING:
    from mockserver.coverage.report import Report
    from mockserver.testing.enspace_client import Enspace


class MockServer:
    """A mock server. `with MockServer(seed=1) as enspace:` starts it and creates a sandbox.

    The settings are those of `mockserver serve`, where `coverage` and `coverage_min` have no effect: call `coverage()`.
    Without `with`, call `start` and `stop`; `url` is set by `start`.
    """

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings(**{"port": 0} | settings)
        self.url = ""

    def start(self) -> Self:
        """Starts the server and returns once it listens. Raises `StartError` if it cannot be built or cannot listen."""
        from mockserver.app import assemble
        from mockserver.serving.server import create_served_app, create_server, listen, url_of

        mock = assemble(self.settings)
        app, sockets = create_served_app(mock, self.settings), listen(self.settings)
        self.url = url_of(sockets)
        self._mock, self._server = mock, create_server(app, mock.journal, mock.end)
        # A daemon thread, so that the server does not keep a killed test process alive.
        self._thread = Thread(target=self._server.run, kwargs={"sockets": sockets}, daemon=True)
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stops the server and frees its port."""
        self._server.should_exit = True
        # Only then is the store unused and can be closed.
        self._thread.join()
        self._mock.sandboxes.close()

    def coverage(self) -> Report:
        """The contract coverage of all sandboxes so far."""
        return self._mock.coverage()

    def main_key(self) -> tuple[str, str]:
        """The first key of the sandbox `default` and its first workspace; empty texts without a key."""
        return self._mock.credentials()

    def sandbox(self, **options: Any) -> Enspace:
        """A new sandbox of this server. The options are those of `POST /_mock/sandboxes`."""
        from mockserver.testing.enspace_client import Enspace  # httpx would slow down every import of `mockserver`

        return Enspace.fresh(self.url, self.settings.control_token, **options)

    def __enter__(self) -> Enspace:
        self._sandbox = self.start().sandbox()
        return self._sandbox

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._sandbox.close()
        finally:
            self.stop()
