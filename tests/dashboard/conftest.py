"""The desk in a real browser: `desk("/traffic")` opens a view on a sandbox of its own, whose client is `enspace`.

What no page may do is asked at the end of every test: an error on the console, a call of another host.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, expect

from mockserver import MockServer
from mockserver.testing.enspace_client import Enspace
from tests.browser import chromium

OpenDesk: TypeAlias = Callable[..., Page]

expect.set_options(timeout=15_000)


@pytest.fixture(scope="package")  # a session's would keep its event loop while other tests want theirs
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="package")
def fake() -> Iterator[MockServer]:
    """A server for all tests that leave it running."""
    fake = MockServer(seed=1).start()
    yield fake
    fake.stop()


@pytest.fixture
def enspace(fake: MockServer) -> Iterator[Enspace]:
    with fake.sandbox() as enspace:
        yield enspace


class Watch:
    """What a page has done. `expected` are parts of messages that a test asks for by what it does."""

    def __init__(self) -> None:
        self.messages: list[str] = []
        self.expected: list[str] = []
        self.urls: list[str] = []

    def follow(self, page: Page) -> None:
        page.on("console", self._note)
        page.on("pageerror", lambda error: self.messages.append(f"{error}"))
        page.on("request", self._ask)

    def _note(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.messages.append(message.text)

    def _ask(self, request: Request) -> None:
        self.urls.append(request.url)

    def unexpected(self) -> list[str]:
        return [text for text in self.messages if not any(part in text for part in self.expected)]


@pytest.fixture
def watch() -> Watch:
    return Watch()


@pytest.fixture
def desk(browser: Browser, fake: MockServer, enspace: Enspace, watch: Watch) -> Iterator[OpenDesk]:
    """Opens a view; further arguments are those of a context of Playwright, such as `color_scheme`."""
    pages: list[Page] = []
    hosts = [fake.url, "blob:", "data:"]

    def open_desk(view: str, *, url: str = "", **context: Any) -> Page:
        page = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, **context}).new_page()
        watch.follow(page)
        pages.append(page)
        hosts.append(url.partition("/_mock/")[0] or fake.url)
        page.goto(f"{url or f'{fake.url}/_mock/?sandbox={enspace.name}'}#{view}")
        return page

    yield open_desk
    for page in pages:
        page.context.close()
    assert [asked for asked in watch.urls if not asked.startswith(tuple(hosts))] == []
    assert watch.unexpected() == []
