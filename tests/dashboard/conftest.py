"""Fixtures for the dashboard in a real browser: `dashboard("/traffic")` opens a tab in the sandbox of `enspace`.

After each test, a console message that the test did not expect or a request to another host is a failure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from mockserver import MockServer
from mockserver.testing.enspace_client import Enspace
from tests.browser import chromium

OpenDashboard: TypeAlias = Callable[..., Page]

expect.set_options(timeout=30_000)


# Not for the session: Playwright keeps an event loop in this thread, and other tests start their own.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def enspace(running: MockServer) -> Iterator[Enspace]:
    with running.sandbox() as enspace:
        yield enspace


class Watch:
    """Records console messages and requested URLs. `expected` are parts of messages that a test causes."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.expected: list[str] = []
        self.urls: list[str] = []

    def follow(self, page: Page) -> None:
        page.on("console", self._record_message)
        page.on("pageerror", lambda error: self.messages.append(f"{error}"))
        page.on("request", self._record_request)

    def _record_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.messages.append(message.text)

    def _record_request(self, request: Request) -> None:
        self.urls.append(request.url)

    def unexpected(self) -> list[str]:
        return [text for text in self.messages if not any(part in text for part in self.expected)]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def dashboard(browser: Browser, running: MockServer, enspace: Enspace, watch: Watch) -> Iterator[OpenDashboard]:
    """Opens a tab. Further arguments are those of a Playwright context, such as `color_scheme`."""
    pages: list[Page] = []
    hosts = [running.url, "blob:", "data:"]

    def open_dashboard(tab: str, *, url: str = "", **context: Any) -> Page:
        page = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}).new_page()
        watch.follow(page)
        pages.append(page)
        hosts.append(url.partition("/_mock/")[0] or running.url)
        page.goto(f"{url or f'{running.url}/_mock/?sandbox={enspace.name}'}#{tab}")
        return page

    yield open_dashboard
    for page in pages:
        page.context.close()
    assert [requested for requested in watch.urls if not requested.startswith(tuple(hosts))] == []
    assert watch.unexpected() == []
