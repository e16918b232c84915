"""Markup and script in everything that a client can send or store: the page shows it as text, and nothing runs."""

import json
import re

import httpx
import pytest
from playwright.sync_api import Page, expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard, Watch
from tests.live import PATIENCE

ATTEMPTS = [
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "<svg><script>window.ran=1</script></svg>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<a href='javascript:window.ran=1'>x</a>",
    "javascript:window.ran=1",
    "data:text/html,<script>opener.ran=1</script>",
    "'\"><script>window.ran=1</script>",
    '" autofocus onfocus=window.ran=1 x="',
    "</pre></main><script>window.ran=1</script>",
    "<style>@import 'http://127.0.0.1:1/x'</style>",
    "<link rel=stylesheet href=http://127.0.0.1:1/x>",
    "<base href=http://127.0.0.1:1/>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:1/'>",
    "<object data='javascript:window.ran=1'></object>",
    "<form action=javascript:window.ran=1><button autofocus>x</button></form>",
    "<details open ontoggle=window.ran=1>",
    "{{constructor.constructor('window.ran=1')()}}${window.ran=1}",
    "\u2028\u202e<!--<script>window.ran=1//-->\u0000".replace("\u0000", ""),
]

# Elements that only markup in a value could create.
FORBIDDEN = (
    "main script, iframe, object, base, meta[http-equiv], style, main link, img:not([src^='/_mock/']), [onerror]"
)


@pytest.fixture
def poisoned(enspace: Enspace) -> Enspace:
    """A sandbox whose journal, records, faults and names hold all attempts."""
    for at, attempt in enumerate(ATTEMPTS):
        enspace.client.get("/ws/types/x", params={"_q": attempt, attempt: "1"})
        enspace.client.get(f"/ws/{attempt.replace('/', '')}", headers={"x-odd": json.dumps(attempt)})
        made = enspace.client.post("/ws/roles", json={"name": attempt[:60], "description": attempt})
        assert made.status_code == 200, made.text
        enspace.client.post("/ws/quick-tasks", json={"title": attempt, "description": attempt})
        enspace.fault("listFlows", status=500, body={attempt: attempt}, headers={"x-odd": str(at)}, after=at)
        renamed = enspace.state()["types"][at % 3]
        poisoned = {**renamed, "name": attempt, "description": attempt}
        url = f"{enspace.url}/_mock/state/types/{renamed['id']}?sandbox={enspace.name}"
        assert httpx.put(url, json=poisoned, timeout=PATIENCE).status_code == 200
        enspace.key_for("ana.souza@yourcompany.com.br", description=attempt)
    enspace.client.get("/ws/types", headers={"prefer": "scenario=" + "<script>window.ran=1</script>"})
    return enspace


def safe(page: Page) -> None:
    assert page.evaluate("window.ran") is None
    assert page.evaluate("window.reports") == []
    assert page.locator(FORBIDDEN).count() == 0
    assert page.locator("a[href^='javascript:'], a[href^='data:']").count() == 0


def test_script__in_shown_values_does_not_run(dashboard: OpenDashboard, poisoned: Enspace, watch: Watch) -> None:
    page = dashboard("/traffic")
    page.evaluate("""() => {
        window.reports = [];
        addEventListener("securitypolicyviolation", (event) => window.reports.push(event.violatedDirective));
    }""")
    numbers = [entry["number"] for entry in poisoned.journal.last(200)]
    expect(page.get_by_text(re.compile(f"^{len(numbers)} of "))).to_be_visible()
    for number in numbers:
        page.evaluate("number => { location.hash = `#/traffic/${number}`; }", number)
        expect(page.locator(".facts")).to_contain_text(f"#{number} ")
    safe(page)
    roles = poisoned.state()["roles"][-len(ATTEMPTS) :]
    for view in (
        "/data/roles",
        *(f"/data/roles/{role['id']}" for role in roles),
        "/data/quick_tasks",
        "/data/api_keys",
    ):
        page.evaluate("view => { location.hash = `#${view}`; }", view)
        expect(page.locator(".rows-body a").first).to_be_visible()
    safe(page)
    for view, text in (("/control", "Create key"), ("/contract", "operations,")):
        page.evaluate("view => { location.hash = `#${view}`; }", view)
        expect(page.get_by_text(text)).to_be_visible()
        safe(page)


def test_script__in_the_address_does_not_run(dashboard: OpenDashboard, watch: Watch) -> None:
    watch.expected.append("Failed to load resource")
    page = dashboard("/")
    page.evaluate("window.reports = []")
    for attempt in ATTEMPTS:
        for view in ("traffic", "data/roles", "data/roles/where", "control"):
            page.evaluate(
                "([view, part]) => { location.hash = `#/${view}/${encodeURIComponent(part)}`; }", [view, attempt]
            )
            expect(page.locator("main .view")).to_be_visible()
        safe(page)
