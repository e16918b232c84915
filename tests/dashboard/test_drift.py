"""Contract tab of a server with an upstream: where its answers contradict the contract."""

import httpx
from playwright.sync_api import expect

from mockserver import MockServer
from tests.dashboard.conftest import OpenDashboard
from tests.traffic.target import Target, serving


def test_drift__of_an_upstream_is_listed(dashboard: OpenDashboard) -> None:
    role = b'{"id": 5, "name": null, "created_at": "2026-03-01T10:00:00.000Z"}'
    with serving(Target(answer=role)) as target, MockServer(upstream=target.address, mock="Items") as enspace:
        page = dashboard("/contract", url=f"{enspace.url}/_mock/")
        expect(page.get_by_text("They follow the contract.")).to_be_visible()
        for key in (5, 6):
            httpx.get(f"{enspace.url}/ws/roles/{key}", headers={"x-api-key": "a", "en-workspace": "b"}, timeout=30)
        row = page.get_by_role("row").filter(has_text="Role.name")
        expect(row).to_contain_text("null")
        expect(row).to_contain_text("warning")
        page.goto("about:blank")  # before the server ends, which the page would report
