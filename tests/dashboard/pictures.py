"""The pictures of the README: `python -m tests.dashboard.pictures` makes them anew. It needs Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from mockserver import MockServer
from mockserver.testing.enspace_client import Enspace
from tests.browser import OPTIONS

FOLDER = Path(__file__).parents[2] / "examples" / "desk"
SIZE = {"width": 1040, "height": 500}

# A view, and a text that stands there once it is complete.
VIEWS = {"traffic": "A fault was asked for", "data": "Save", "shape": "Make a new key", "contract": "in the last 10"}


def main() -> None:
    """Makes a few calls, and takes a picture of each view."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with MockServer(seed=1) as enspace, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        page = browser.new_page(viewport=SIZE, color_scheme="light", locale="en-US")  # type: ignore[arg-type]
        make_calls(enspace)
        page.goto(f"{enspace.url}/_mock/?sandbox={enspace.name}")
        for view, told in VIEWS.items():
            take(page, view, told)
        browser.close()


def make_calls(enspace: Enspace) -> None:
    """Good ones, refused ones, and one that meets a fault."""
    for status in ("active", "inactive", "active"):
        enspace.client.get("/ws/types", params={"status": status})
    enspace.client.get("/ws/types/contratos/items", params={"_limit": 5})
    enspace.client.get("/ws/types/contratos/items/nowhere")
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.client.post("/ws/roles", json={"name": 5})
    enspace.client.get("/ws/members", headers={"en-workspace": "rh-abc"})
    enspace.fault("createItem", status=500, times=1)
    enspace.client.post("/ws/types/contratos/items", json={"data": {"numero": "PC-1"}})


def take(page: Page, view: str, told: str) -> None:
    ways = {"traffic": f"traffic/{newest(page)}", "data": "data/types/12", "shape": "shape/createItem"}
    page.evaluate("way => { location.hash = `#/${way}`; }", ways.get(view, view))
    page.get_by_text(told).first.wait_for()
    if view == "contract":
        page.get_by_role("heading", name="Types", exact=True).evaluate("heading => heading.scrollIntoView()")
    page.screenshot(path=FOLDER / f"{view}.png")


def newest(page: Page) -> int:
    told: int = page.evaluate(
        "fetch('/_mock/journal?form=brief&limit=1').then(a => a.json()).then(j => j.entries[0].number)"
    )
    return told


if __name__ == "__main__":
    main()
