"""The dashboard on a screen of 1440 pixels: columns are not cut off, and every select has a visible label."""

import pytest
from playwright.sync_api import expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard

WIDE = {"viewport": {"width": 1440, "height": 900}}
CUT = """() => [...document.querySelectorAll("[role=columnheader], .scroll, .scroll td")]
    .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1)
    .map((one) => one.outerHTML.slice(0, 100))"""
UNLABELLED = """() => [...document.querySelectorAll("select")]
    .filter((one) => one.checkVisibility() && ![...one.labels].some((label) => label.checkVisibility()))
    .map((one) => one.getAttribute("aria-label") ?? one.outerHTML.slice(0, 100))"""
VIEWS = {
    "/traffic": "GET /ws/types",
    "/data": "150 records",
    "/data/users": "12 records",
    "/control": "Create key",
    "/contract": "in the last 10",
}


@pytest.mark.parametrize("view", VIEWS)
def test_columns__are_whole(dashboard: OpenDashboard, enspace: Enspace, view: str) -> None:
    enspace.client.get("/ws/types")
    enspace.fault("createItem", status=500, times=1)
    page = dashboard(view, **WIDE)
    expect(page.get_by_text(VIEWS[view]).first).to_be_visible()
    assert page.evaluate(CUT) == []


@pytest.mark.parametrize("view", VIEWS)
def test_select__has_a_visible_label(dashboard: OpenDashboard, enspace: Enspace, view: str) -> None:
    enspace.client.get("/ws/types")
    enspace.snapshot("before")
    page = dashboard(view, **WIDE)
    expect(page.get_by_text(VIEWS[view]).first).to_be_visible()
    # In the table of keys, the column names the select.
    assert [name for name in page.evaluate(UNLABELLED) if not name.startswith("User of ")] == []
