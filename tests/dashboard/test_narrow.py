"""The dashboard on a phone of 360 pixels: nothing is wider than the page, and touch targets are large enough."""

import httpx
import pytest
from playwright.sync_api import Page, expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard
from tests.live import PATIENCE

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
LONG = "a-name-of-sixty-letters-is-the-longest-that-a-snapshot-takes"

# What reaches beyond the page. What lies in a box of its own, such as a table of records, can be scrolled to.
BEYOND = """() => [...document.querySelectorAll("body, body *")].filter((one) => {
    const box = one.closest(".rows, .collections, .detail pre, .hidden, h1, .skip");
    return !box && one.getBoundingClientRect().right > innerWidth + 1;
}).map((one) => one.outerHTML.slice(0, 100))"""
SMALL = """() => [...document.querySelectorAll("button, .button, select, input, summary, nav a, .back, .references a")]
    .filter((one) => one.checkVisibility() && !one.closest(".hidden, .rows-head"))
    .filter((one) => one.getBoundingClientRect().height < 40 && !/checkbox|radio/.test(one.type))
    .map((one) => one.outerHTML.slice(0, 100))"""


@pytest.fixture
def odd(enspace: Enspace) -> Enspace:
    """A sandbox with what is long: paths, names, faults, values."""
    enspace.client.post("/ws/roles", json={"name": 5, "description": "x" * 300})
    enspace.client.get(f"/ws/types/{LONG}{LONG}", params={"_q": LONG * 3})
    enspace.client.post("/ws/roles", json={"name": LONG, "description": "y" * 300})
    enspace.fault("listFlows", status=500, body={LONG: LONG * 3}, delay={"median": 4, "sigma": 0.8, "most": 8})
    httpx.post(
        f"{enspace.url}/_mock/snapshots?sandbox={enspace.name}", json={"name": LONG}, timeout=PATIENCE
    ).raise_for_status()
    return enspace


def fits(page: Page) -> None:
    assert page.evaluate(BEYOND) == []
    assert page.evaluate("[document.documentElement.scrollWidth, document.querySelector('main').scrollWidth]") == [
        360,
        360,
    ]
    assert page.evaluate(SMALL) == []


VIEWS = {"/traffic": "en-US", "/data/roles": "pt-BR", "/data/items/4693": "pt-BR", "/data/items/new": "en-US"}


@pytest.mark.parametrize("view", VIEWS)
def test_view__is_no_wider_than_the_phone(dashboard: OpenDashboard, odd: Enspace, view: str) -> None:
    page = dashboard(view, locale=VIEWS[view], **PHONE)
    expect(page.locator(".detail form, .rows-body .row").locator("visible=true").first).to_be_visible()
    fits(page)


@pytest.mark.parametrize(("view", "shown"), [("/control", "Create key"), ("/contract", "in the last 10 minutes")])
def test_cards__are_stacked_on_a_phone(dashboard: OpenDashboard, odd: Enspace, view: str, shown: str) -> None:
    page = dashboard(view, **PHONE)
    expect(page.get_by_text(shown).first).to_be_visible()
    expect(page.get_by_role("columnheader", name="Operation").first).to_be_attached()  # a table all the same
    fits(page)


def test_call__is_opened_with_its_dialog_and_closed(dashboard: OpenDashboard, odd: Enspace) -> None:
    page = dashboard("/traffic", **PHONE)
    page.locator(".rows-body .row", has_text="400POST").tap()  # anywhere on its row
    expect(page.get_by_role("heading", name="400 POST /ws/roles")).to_be_focused()
    for part in page.locator(".detail details").all():
        part.evaluate("part => { part.open = true; }")
    fits(page)
    page.get_by_role("button", name="Replay…").tap()
    fits(page)
    page.get_by_role("button", name="Cancel").tap()
    page.get_by_role("link", name="← All requests").tap()
    expect(page.locator(".rows-body .row", has_text="400POST").locator("a")).to_be_focused()
