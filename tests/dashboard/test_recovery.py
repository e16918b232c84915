"""The dashboard after a restart of the server, a deleted sandbox, a wrong token, or an unknown address."""

import httpx
import pytest
from playwright.sync_api import expect

from mockserver import MockServer
from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard, Watch


def test_restart__is_reported_and_the_list_is_reloaded(dashboard: OpenDashboard, watch: Watch) -> None:
    watch.expected.append("ERR_")
    first = MockServer().start()
    with first.sandbox() as enspace:
        for _ in range(3):
            enspace.client.get("/ws/types")
    page = dashboard("/traffic", url=f"{first.url}/_mock/")
    expect(page.locator(".rows-body .row")).to_have_count(3)
    first.stop()
    expect(page.get_by_text("The server does not respond. Reconnecting")).to_be_visible()
    second = MockServer(port=int(first.url.rpartition(":")[2])).start()
    expect(page.get_by_text("The server was restarted")).to_be_visible()
    with second.sandbox() as enspace:
        enspace.client.get("/ws/roles")
        expect(page.get_by_role("link", name="GET /ws/roles")).to_be_visible()
    expect(page.get_by_role("link", name="GET /ws/types")).to_have_count(0)
    page.context.close()
    second.stop()


def test_sandbox__that_is_deleted_is_replaced_by_the_default_one(
    dashboard: OpenDashboard, running: MockServer, watch: Watch
) -> None:
    watch.expected.append("404 (Not Found)")
    with running.sandbox(name="soon-gone"):
        page = dashboard("/data/roles", url=f"{running.url}/_mock/?sandbox=soon-gone")
        expect(page.get_by_text("5 records")).to_be_visible()
    page.get_by_label("Search in all values").fill("a")
    expect(page.get_by_text("The sandbox no longer exists. Switched to the default sandbox.")).to_be_visible()
    expect(page.get_by_label("Sandbox")).to_have_value("")
    expect(page.get_by_text("5 records")).to_be_visible()


@pytest.mark.parametrize("view", ["/traffic", "/control", "/contract"])
def test_sandbox__that_was_deleted_is_reported_in_every_tab(
    dashboard: OpenDashboard, running: MockServer, watch: Watch, view: str
) -> None:
    watch.expected.append("404 (Not Found)")
    with running.sandbox(name=f"lost{view[1:]}") as lost:
        page = dashboard(view, url=f"{running.url}/_mock/?sandbox={lost.name}")
        expect(page.get_by_label("Sandbox")).to_have_value(lost.name)
        expect(page.locator(".rows, .face, .operations").first).to_be_visible()
    if view == "/control":
        # It changes nothing if the page has switched to the default sandbox by itself, whose clock new ones copy.
        page.get_by_role("button", name="Real time").click()
    else:
        page.get_by_label("Sandbox").focus()
    expect(page.get_by_text("The sandbox no longer exists. Switched to the default sandbox.")).to_be_visible()
    expect(page.get_by_label("Sandbox")).to_have_value("")


def test_restart__keeps_unsaved_input_and_reloads_the_rest(dashboard: OpenDashboard, watch: Watch) -> None:
    watch.expected.append("ERR_")
    first = MockServer().start()
    page = dashboard("/data/roles/3", url=f"{first.url}/_mock/")
    page.get_by_label("name *").fill("Half written")
    first.stop()
    expect(page.get_by_text("The server does not respond. Reconnecting")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="The server does not respond")).to_be_visible()
    second = MockServer(port=int(first.url.rpartition(":")[2])).start()
    expect(page.get_by_text("Reconnecting")).to_have_count(0)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("roles 3 saved.")).to_be_visible()
    expect(page.get_by_role("cell", name="Half written")).to_be_visible()
    page.context.close()
    second.stop()


def test_view__that_is_opened_while_the_server_is_down_is_filled_afterwards(
    dashboard: OpenDashboard, watch: Watch
) -> None:
    watch.expected.append("ERR_")
    first = MockServer().start()
    page = dashboard("/traffic", url=f"{first.url}/_mock/")
    expect(page.get_by_text("No requests yet.")).to_be_visible()
    first.stop()
    page.get_by_role("link", name="Control").click()
    expect(page.get_by_text("Reconnecting")).to_be_visible()
    second = MockServer(port=int(first.url.rpartition(":")[2])).start()
    expect(page.get_by_role("button", name="Start flaky-writes")).to_be_visible()
    page.get_by_label("Operation").select_option("createItem")
    page.context.close()
    second.stop()


def test_token__is_asked_for_until_it_is_right(dashboard: OpenDashboard, watch: Watch) -> None:
    watch.expected.append("401 (Unauthorized)")
    guarded = MockServer(control_token="right").start()
    page = dashboard("/traffic", url=f"{guarded.url}/_mock/")
    page.locator("#token").fill("wrong")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("Wrong token.")).to_be_visible()
    page.locator("#token").fill("right")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("No requests yet.")).to_be_visible()
    page.reload()
    expect(page.get_by_text("No requests yet.")).to_be_visible()
    page.context.close()
    guarded.stop()


def test_address__that_is_unknown_shows_an_error_or_another_tab(dashboard: OpenDashboard, watch: Watch) -> None:
    watch.expected.append("Failed to load resource")
    page = dashboard("/nowhere")
    for view in ("/traffic/999999", "/traffic/%00", "/data/items/999999", "/data/nowhere", "/%E0%A4%A", "/constructor"):
        page.evaluate("view => { location.hash = `#${view}`; }", view)
        expect(page.get_by_role("navigation", name="Views").locator("[aria-current]")).to_be_visible()
        if "999999" in view:
            expect(page.locator(".detail .error")).to_contain_text("no ")


def test_entries__with_broken_bodies_are_shown(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", content=b"\xff\xfe{", headers={"content-type": "application/json"})
    enspace.fault("listTypes", connection="truncated", times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        enspace.client.get("/ws/types")
    page = dashboard("/traffic")
    page.get_by_role("link", name="POST /ws/roles").click()
    expect(page.get_by_role("heading", name="400 POST /ws/roles")).to_be_visible()
    page.get_by_role("link", name="GET /ws/types").click()
    expect(page.get_by_role("heading", name="GET /ws/types")).to_be_visible()


def test_two_tabs__see_the_same(dashboard: OpenDashboard, enspace: Enspace) -> None:
    one, other = dashboard("/traffic"), dashboard("/contract")
    enspace.client.get("/ws/types")
    expect(one.get_by_role("link", name="GET /ws/types")).to_be_visible()
    expect(other.get_by_text("1 of 68 operations")).to_be_visible()
