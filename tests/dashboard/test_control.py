"""Control tab: faults, scenarios, latency, clock and keys."""

import re

from playwright.sync_api import expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard, Watch


def test_story__the_next_call_fails_and_traffic_says_why(dashboard: OpenDashboard, enspace: Enspace) -> None:
    item = {"data": {"titulo": "Notebook", "valor": 12}}
    enspace.client.post("/ws/types/contratos/items", json=item)
    page = dashboard("/traffic")
    page.get_by_role("link", name="POST /ws/types/contratos/items").click()
    page.get_by_role("link", name="Add a fault for this operation").click()
    expect(page.get_by_label("Operation")).to_have_value("createItem")
    page.get_by_role("button", name="Add fault").click()
    expect(page.get_by_text("Fault added for createItem.")).to_be_visible()
    assert enspace.client.post("/ws/types/contratos/items", json=item).status_code == 500
    page.get_by_role("link", name="Traffic").click()
    page.get_by_role("row", name="500 POST /ws/types/contratos/items").get_by_role("link").click()
    expect(page.get_by_text("This response comes from")).to_be_visible()


def test_story__of_the_readme_takes_five_clicks(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/traffic")
    page.get_by_role("link", name="Control").click()
    # The traffic tab, which is left now, has a filter with the same label.
    page.locator(".view.control").get_by_label("Operation").select_option("createItem")
    expect(page.get_by_label("Effect")).to_have_value("status 500")
    page.get_by_role("button", name="Add fault").click()
    expect(page.get_by_text("Fault added for createItem.")).to_be_visible()
    enspace.client.post("/ws/types/contratos/items", json={"data": {"titulo": "Notebook", "valor": 12}})
    page.get_by_role("link", name="Traffic").click()
    page.locator(".rows-body .row", has_text="500").click()
    expect(page.locator(".stages .passed").nth(4)).to_contain_text("validate")
    expect(page.locator(".stages .unreached").first).to_contain_text("choose")
    expect(page.locator(".stages .failed")).to_contain_text("fault")
    expect(page.get_by_role("region", name="Response")).to_contain_text('"statusCode": 500')


def test_fault__counts_the_calls_that_it_affects_and_is_removed(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.fault("listTypes", status=503)
    page = dashboard("/control")
    enspace.client.get("/ws/types")
    expect(page.get_by_role("row", name="listTypes status 503 1 of 1 requests")).to_be_visible()
    page.get_by_role("button", name="Remove fault-1").click()
    expect(page.get_by_text("No active faults.")).to_be_visible()
    assert enspace.client.get("/ws/types").status_code == 200


def test_fault__without_an_effect_is_refused_in_the_form(
    dashboard: OpenDashboard, enspace: Enspace, watch: Watch
) -> None:
    watch.expected.append("400 (Bad Request)")
    page = dashboard("/control")
    page.get_by_label("Effect").select_option("normal response (delay only)")
    page.get_by_role("button", name="Add fault").click()
    expect(page.get_by_role("alert").filter(has_text="received no effect")).to_be_visible()
    assert enspace.faults() == []


def test_scenario__is_started_and_stopped(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/control")
    page.get_by_role("button", name="Start flaky-writes").click()
    page.get_by_role("button", name="Stop flaky-writes").click()
    expect(page.get_by_role("button", name="Start flaky-writes")).to_be_visible()
    assert enspace.faults() == []


def test_latency__slows_every_call_and_lets_other_faults_strike_first(
    dashboard: OpenDashboard, enspace: Enspace
) -> None:
    page = dashboard("/control")
    page.get_by_label("Delay of every response").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text("50 ms for every request")).to_be_visible()
    page.get_by_label("Effect").select_option("503")
    page.get_by_role("button", name="Add fault").click()
    expect(page.get_by_role("row", name="all operations status 503, times 1")).to_be_visible()
    page.get_by_role("row", name="all operations delay 50").wait_for()
    assert [fault.get("status") for fault in enspace.faults()] == [503, None]


def test_clock__is_frozen_and_moved(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/control")
    page.get_by_role("button", name="Freeze").click()
    expect(page.get_by_text("Frozen")).to_be_visible()
    before = page.locator(".face").inner_text()
    page.get_by_role("button", name="+1 d").click()
    expect(page.locator(".face")).not_to_have_text(before)
    page.get_by_label("Set to").fill("2026-02-03T04:05:06")
    page.get_by_role("button", name="Set", exact=True).click()
    expect(page.locator(".face")).to_have_text(re.compile("Feb 3, 2026, 4:05:06"))


def test_key__is_given_to_another_user(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/control")
    page.get_by_label("User of ERP Integration", exact=True).select_option("bruno.lima@yourcompany.com.br")
    expect(page.get_by_text("The key now belongs to bruno.lima@yourcompany.com.br.")).to_be_visible()
    assert enspace.client.get("/ws/types").status_code == 200
    users = {user["id"]: user["email"] for user in enspace.state()["users"]}
    key = enspace.state()["api_keys"][0]
    assert (users[key["user"]], key["key"]) == ("bruno.lima@yourcompany.com.br", "***")


def test_key__is_copied_and_states_its_access(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/control", permissions=["clipboard-read", "clipboard-write"])
    viewer = page.get_by_role("row", name="Viewer app")
    expect(viewer).to_contain_text("company-abc: read · viewer")
    viewer.get_by_role("button", name="Copy the key Viewer app").click()
    expect(page.get_by_text("Key copied.")).to_be_visible()
    copied = page.evaluate("navigator.clipboard.readText()")
    assert enspace.client.get("/ws/types", headers={"x-api-key": copied}).status_code == 200
    assert enspace.client.post("/ws/types", json={"name": "A"}, headers={"x-api-key": copied}).status_code == 403


def test_key__is_created_and_shown(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/control")
    page.get_by_role("button", name="Create key").click()
    key = page.get_by_role("dialog").locator("pre").inner_text()
    assert enspace.client.get("/ws/types", headers={"x-api-key": key}).status_code == 200
    page.get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
