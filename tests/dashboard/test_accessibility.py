"""axe-core finds no violation in any tab, light or dark."""

from importlib.resources import files
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard

AXE = (files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8")

# Each tab, and a text that it shows once it is complete.
TABS = {
    "/traffic": "POST /ws/roles",
    "/data/roles/8": "Save",
    "/control": "Create key",
    "/contract": "in the last 10 minutes",
}


# Sections of the Contract tab are alike, and 68 operations take axe half a minute: those with a chart are enough.
CONTEXT = "{ exclude: ['section.card:has(.operations):not(:has(.chart))'] }"


def violations(page: Page) -> list[str]:
    """All violations in light colours, and those of contrast in dark ones: nothing else depends on the theme."""
    page.evaluate(AXE)
    page.emulate_media(color_scheme="light")
    found: list[dict[str, Any]] = page.evaluate(f"axe.run({CONTEXT})")["violations"]
    page.emulate_media(color_scheme="dark")
    found += page.evaluate(f"axe.run({CONTEXT}, {{ runOnly: ['color-contrast'] }})")["violations"]
    return [f"{one['id']}: {node['html'][:200]} {node['failureSummary']}" for one in found for node in one["nodes"]]


@pytest.mark.parametrize("view", TABS)
def test_axe__finds_nothing(dashboard: OpenDashboard, enspace: Enspace, view: str) -> None:
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.client.post("/ws/roles", json={"name": 5})
    enspace.fault("createItem", status=500, times=1)
    page = dashboard(view)
    expect(page.locator("main").get_by_text(TABS[view]).first).to_be_visible()
    assert violations(page) == []


def test_axe__finds_nothing_in_an_opened_call_and_its_dialog(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", json={"name": 5})
    page = dashboard("/traffic", viewport={"width": 360, "height": 740})
    page.get_by_role("link", name="POST /ws/roles").click()
    expect(page.get_by_role("heading", name="400 POST /ws/roles")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Replay…").click()
    assert violations(page) == []


def test_theme__is_chosen_and_kept(dashboard: OpenDashboard) -> None:
    page = dashboard("/traffic", color_scheme="light")
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_label("Theme").select_option("dark")
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.reload()
    assert light != dark == page.evaluate("getComputedStyle(document.body).backgroundColor")
