"""Keyboard use of the dashboard: every control is reached, the focus is visible, and it is never lost."""

import pytest
from playwright.sync_api import Page, expect

from mockserver import MockServer
from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard, Watch

# The element that Tab has reached: its name, and whether its focus is visible.
PLACE = """() => {
    const one = document.activeElement;
    const shown = [getComputedStyle(one), getComputedStyle(one, "::after")];
    const box = one.getBoundingClientRect();
    return {
        name: (one.getAttribute("aria-label") ?? one.labels?.[0]?.innerText ?? one.innerText).replace(/\\s+/g, " "),
        isEnd: one === document.body,
        isSeen: shown.some((style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0),
        isInside: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
        isPicker: one.type === "datetime-local",  // has parts of its own, which the browser draws
    };
}"""


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


@pytest.mark.parametrize(
    ("view", "last", "names"),  # `last` are the links and buttons that come after the rest of the page
    [
        ("/traffic", ["POST /ws/roles"], ["Traffic", "Sandbox", "Search", "Clear journal", "POST /ws/roles"]),
        (
            "/data/roles/8",
            ["Reset…", "roles 6", "Save"],
            ["Reset…", "roles 6", "Search in all values", "name *", "Delete…"],
        ),
        (
            "/control",
            ["Remove fault-1", "Freeze", "Create key"],
            ["Operation", "Add fault", "Remove fault-1", "Freeze", "Create key"],
        ),
    ],
)
def test_tab_key__reaches_every_control_and_shows_the_focus(
    dashboard: OpenDashboard, enspace: Enspace, view: str, last: list[str], names: list[str]
) -> None:
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.fault("createItem", status=500)
    page = dashboard(view)
    for name in last:
        expect(page.get_by_role("link", name=name).or_(page.get_by_role("button", name=name)).first).to_be_visible()
    places = []
    for _ in range(60):
        press(page, "Tab")
        places.append(page.evaluate(PLACE))
        if places[-1]["isEnd"]:
            break
    assert [one["name"] for one in places if one["name"] in names] == names
    assert [one for one in places if not ((one["isSeen"] and one["isInside"]) or one["isEnd"] or one["isPicker"])] == []


def test_call__is_opened_announced_and_closed(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", json={"name": 5})
    page = dashboard("/traffic")
    page.get_by_role("link", name="POST /ws/roles").focus()
    press(page, "Enter")
    expect(page.locator("#announcement")).to_have_text("400 POST /ws/roles")
    press(page, "Tab")  # from the list, which keeps the focus, past the table of what contract violation
    expect(page.get_by_role("region", name="Contract violations")).to_be_focused()
    press(page, "Tab", "Enter", "Escape")
    expect(page.get_by_role("button", name="Replay…")).to_be_focused()
    press(page, "Escape")
    expect(page.get_by_role("link", name="POST /ws/roles")).to_be_focused()
    expect(page.get_by_text("Select a request")).to_be_visible()


def test_replay__leads_to_the_new_call(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.get("/ws/types")
    page = dashboard("/traffic", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="GET /ws/types").focus()
    press(page, "Enter")
    page.get_by_role("button", name="Replay…").focus()
    press(page, "Space", "Enter")
    expect(page.get_by_text("Response status: 200.")).to_be_visible()
    expect(page.get_by_role("link", name="GET /ws/types")).to_have_count(2)
    expect(page.get_by_role("button", name="Replay…")).to_be_focused()
    press(page, "Tab", "Tab", "Enter")
    expect(page.get_by_text("Copied as curl.")).to_be_visible()
    expect(page.get_by_role("button", name="Copy as curl")).to_be_focused()


def test_collections__are_walked_by_the_arrow_keys(dashboard: OpenDashboard) -> None:
    page = dashboard("/data/users")
    page.get_by_role("navigation", name="Collections").get_by_role("link", name="users").focus()
    press(page, "ArrowDown", "Enter")
    expect(page.locator("[aria-current]", has_text="workspaces")).to_be_focused()
    press(page, "ArrowUp", "ArrowUp", "Enter")
    expect(page.locator("[aria-current]", has_text="quick_tasks")).to_be_focused()
    expect(page.get_by_role("columnheader", name="title")).to_be_visible()


def test_record__is_saved_and_deleted(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/data/permissions")
    page.locator('.rows-body .row[data-index="2"] a.opens').focus()
    press(page, "Enter")
    expect(page.locator("#announcement")).to_contain_text("permissions ")
    save, delete = page.get_by_role("button", name="Save"), page.get_by_role("button", name="Delete…")
    save.focus()
    press(page, "Enter")
    expect(page.get_by_text("saved.")).to_be_visible()
    expect(save).to_be_focused()
    press(page, "Tab", "Enter")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    press(page, "Escape")
    expect(delete).to_be_focused()
    expect(delete).not_to_have_attribute("aria-disabled", "true")  # while it asks it cannot be pressed again
    press(page, "Enter")
    expect(page.get_by_role("button", name="Cancel")).to_be_focused()
    press(page, "Tab", "Enter")
    expect(page.get_by_text("Deleted: 1 permissions")).to_be_visible()
    expect(page.locator(".rows-body a:focus")).to_have_count(1)


def test_control__buttons_that_are_rendered_again_keep_the_focus(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/control")
    page.get_by_role("button", name="Start flaky-writes").focus()
    press(page, "Enter")
    expect(page.get_by_role("button", name="Stop flaky-writes")).to_be_focused()
    page.get_by_role("button", name="Remove fault-1").focus()
    press(page, "Space")
    expect(page.get_by_role("button", name="Remove fault-2")).to_be_focused()
    press(page, "Tab", "Enter")
    expect(page.get_by_text("No active faults.")).to_be_visible()
    expect(page.get_by_role("group", name="Active faults")).to_be_focused()
    page.get_by_label("User of Mobile App").focus()
    press(page, "ArrowDown")
    expect(page.get_by_role("status").filter(has_text="The key now belongs to ")).to_be_visible()
    expect(page.get_by_label("User of Mobile App")).to_be_focused()


def test_token__is_asked_for_however_often_it_is_refused(dashboard: OpenDashboard, watch: Watch) -> None:
    watch.expected.append("401 (Unauthorized)")
    guarded = MockServer(control_token="right").start()
    page = dashboard("/traffic", url=f"{guarded.url}/_mock/")
    expect(page.locator("#token")).to_be_focused()
    press(page, "Escape", "Escape", "Escape")
    expect(page.locator("#token")).to_be_visible()
    page.keyboard.type("right")
    press(page, "Enter")
    expect(page.get_by_text("No requests yet.")).to_be_visible()
    page.context.close()
    guarded.stop()
