"""Contract tab: coverage and statistics of the operations."""

from playwright.sync_api import expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard


def test_contract__shows_seen_and_unseen_statuses(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.get("/ws/types")
    page = dashboard("/contract")
    expect(page.get_by_text("Seen: 1 of 68 operations, 1 of")).to_be_visible()
    row = page.get_by_role("row").filter(has_text="listTypes")
    expect(row.get_by_role("listitem").filter(has_text="200")).to_have_text("200 ✓ seen")
    expect(row.get_by_role("listitem").filter(has_text="403")).to_have_text("403 not seen")
    enspace.client.get("/ws/types", headers={"en-workspace": "rh-abc"})
    expect(row.get_by_role("listitem").filter(has_text="403")).to_have_text("403 ✓ seen")


def test_contract__charts_the_calls_of_an_operation_and_links_to_its_docs(
    dashboard: OpenDashboard, enspace: Enspace
) -> None:
    for _ in range(3):
        enspace.client.get("/ws/types")
    page = dashboard("/contract")
    row = page.get_by_role("row").filter(has_text="listTypes")
    expect(row.get_by_role("img", name="Latency of the last requests")).to_be_visible()
    expect(row.get_by_role("img", name="3 in the last 10 minutes")).to_be_visible()
    expect(row.get_by_role("link")).to_have_attribute("href", "/docs#/Types/listTypes")
    expect(row).to_contain_text("documented")
