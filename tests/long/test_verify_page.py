"""The HTML report in a real browser, from disk: on a phone, on a wide screen, by keyboard, and on paper."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from mockserver.verify.reports import html_report
from mockserver.verify.results import (
    Environment,
    Finding,
    GuardCounts,
    Latency,
    Meaning,
    NotTested,
    OperationCoverage,
    Results,
    Severity,
)
from tests.browser import chromium

A4 = 680  # pixels between the margins
LONG = "/ws/types/" + "a-slug-without-a-break" * 12
FINDINGS = tuple(
    Finding(
        operation,
        "response_schema_conformance",
        meaning,
        severity,
        received=f"5 at {LONG}",
        documented="a text",
        curl=f"curl -X GET http://127.0.0.1:4010{LONG}",
        reproduce=f"def test_it() -> None:\n    assert {LONG!r}\n",
    )
    for operation, meaning, severity in (
        ("getType", Meaning.BROKEN, Severity.ERROR),
        ("getRole", Meaning.LEARN, Severity.WARNING),
    )
)
RESULTS = Results(
    Environment("http://127.0.0.1:4010", "own-data", "quick", 1, "openapi.yaml", "mv1", "2026-03-01T10:00:00Z", 2, {}),
    FINDINGS,
    tuple(
        OperationCoverage(f"getSomethingOfANumber{n}", "GET", LONG, "Types", (200, 400, 401, 403, 404, 500),
                          {200: 1234, 418: 1}, Latency(9, 3.0, 20.0, 900.0))
        for n in range(40)
    ),
    (NotTested("leaveWorkspace", "it would end the membership of the run's key"),),
    guard=GuardCounts(900, {"POST in read-only": 3}),
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture(params=[360, 1440])
def page(request: pytest.FixtureRequest, browser: Browser, tmp_path: Path) -> Iterator[Page]:
    """The report; it may log nothing to the console and request nothing from the network."""
    (tmp_path / "verify.html").write_text(html_report.render(RESULTS), encoding="utf-8")
    page = browser.new_page(viewport={"width": request.param, "height": 800})
    problems: list[str] = []
    page.on("console", lambda message: problems.append(message.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on(
        "request", lambda request: None if request.url.startswith(("file:", "data:")) else problems.append(request.url)
    )
    page.goto((tmp_path / "verify.html").as_uri())
    yield page
    page.close()
    assert problems == []


def test_page__does_not_scroll_sideways(page: Page) -> None:
    for details in page.locator("details").all():
        details.locator("summary").click()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")


def test_keyboard__reaches_every_link_disclosure_and_region_in_their_order(page: Page) -> None:
    reached = []
    for _ in range(page.locator("a, summary, .wide").count()):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.tagName"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineWidth")
        assert outline == "3px", reached
    assert reached == ["A"] * 7 + ["SUMMARY"] * 2 + ["DIV"] * 2


def test_keyboard__opens_a_finding_and_follows_a_link(page: Page) -> None:
    summary = page.locator("summary").first
    summary.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text("curl -X GET").first).to_be_visible()
    page.get_by_role("link", name="Not tested").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Not tested")).to_be_in_viewport()


def test_print__opens_every_section_and_cuts_nothing_off(page: Page) -> None:
    page.emulate_media(media="print")
    for text in page.locator("pre").all():
        expect(text).to_be_visible()
    page.set_viewport_size({"width": A4, "height": 900})
    cut = "[...document.querySelectorAll('pre, .wide')].filter(part => part.scrollWidth > part.clientWidth).length"
    assert page.evaluate(cut) == 0
    assert page.pdf(format="A4").startswith(b"%PDF")


def test_run_that_tested_a_part__says_so(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(html_report.render(replace(RESULTS, findings=(), partial="out of time")))
    expect(page.locator("header")).to_contain_text("kept, only a part was tested: out of time")
    assert page.title().startswith("kept, only a part was tested: out of time")
    page.close()
