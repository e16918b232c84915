"""Screenshots for the documentation: `python -m tests.dashboard.pictures` takes them again. It needs Chromium."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from mockserver import MockServer
from mockserver.testing.enspace_client import Enspace
from tests.browser import OPTIONS

FOLDER = Path(__file__).parents[2] / "docs" / "pictures"
SIZES = ((1440, 900), (390, 844))  # a laptop and a telephone

# Each tab, and a text that it shows once it is complete.
TABS = {"traffic": "This response comes from", "data": "Save", "control": "Create key", "contract": "in the last 10"}


def main() -> None:
    """Sends a few requests and takes a screenshot of each tab in both sizes."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with MockServer(seed=1) as enspace, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=OPTIONS)
        send_requests(enspace)
        for width, height in SIZES:
            page = browser.new_page(viewport={"width": width, "height": height}, color_scheme="light", locale="en-US")
            page.goto(f"{enspace.url}/_mock/?sandbox={enspace.name}")
            for tab, text in TABS.items():
                take(page, tab, text, FOLDER / f"{tab}-{width}.png")
        browser.close()


def send_requests(enspace: Enspace) -> None:
    """Sends valid and invalid requests and one that a fault affects."""
    for status in ("active", "inactive", "active"):
        enspace.client.get("/ws/types", params={"status": status})
    enspace.client.get("/ws/types/contratos/items", params={"_limit": 5, "situacoa": "vigente"})
    enspace.client.get("/ws/types/contratos/items/nowhere")
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.client.post("/ws/roles", json={"name": 5})
    enspace.client.get("/ws/members", headers={"en-workspace": "rh-abc"})
    enspace.fault("createItem", status=500, times=1)
    enspace.client.post("/ws/types/contratos/items", json={"data": {"numero": "PC-1"}})


def take(page: Page, tab: str, text: str, file: Path) -> None:
    addresses = {"traffic": f"traffic/{newest(page)}", "data": "data/types/12", "control": "control/createItem"}
    page.evaluate("address => { location.hash = `#/${address}`; }", addresses.get(tab, tab))
    page.get_by_text(text).first.wait_for()
    if tab == "contract":
        page.get_by_role("heading", name="Types", exact=True).evaluate("heading => heading.scrollIntoView()")
    page.screenshot(path=file)


def newest(page: Page) -> int:
    number: int = page.evaluate(
        "fetch('/_mock/journal?form=brief&limit=1').then(a => a.json()).then(j => j.entries[0].number)"
    )
    return number


if __name__ == "__main__":
    main()
