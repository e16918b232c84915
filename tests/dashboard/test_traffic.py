"""Traffic tab: list, filters, details, copies and replays of requests."""

import re

from playwright.sync_api import Page, Route, expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard


def rows(page: Page) -> list[str]:
    """The texts of the rows in sight, from top to bottom."""
    found = page.locator(".rows-body .row").evaluate_all(
        "rows => rows.toSorted((a, b) => a.dataset.index - b.dataset.index).map(row => row.innerText)"
    )
    return [" ".join(text.split()) for text in found]


def test_traffic__shows_a_call_as_it_comes(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/traffic")
    expect(page.get_by_text(re.compile("^No request"))).to_be_visible()
    enspace.client.get("/ws/types")
    expect(page.get_by_role("row", name="200 GET /ws/types listTypes state")).to_be_visible()
    enspace.client.get("/ws/types/nowhere")
    expect(page.locator(".rows-body .row")).to_have_count(2)
    assert [text.split()[:3] for text in rows(page)] == [
        ["404", "GET", "/ws/types/nowhere"],
        ["200", "GET", "/ws/types"],
    ]


def test_traffic__shows_the_query_and_finds_it(dashboard: OpenDashboard, enspace: Enspace) -> None:
    for status in ("active", "inactive"):
        enspace.client.get("/ws/types", params={"status": status, "token": "sesame"})
    page = dashboard("/traffic")
    expect(page.get_by_role("link", name="GET /ws/types?status=inactive&token=***")).to_be_visible()
    page.get_by_label("Search").fill("types?status=active")
    expect(page.locator(".rows-body .row")).to_have_count(1)


def test_traffic__is_filtered_by_text_operation_and_status(dashboard: OpenDashboard, enspace: Enspace) -> None:
    for path in ("/ws/types", "/ws/roles", "/ws/types/nowhere"):
        enspace.client.get(path)
    page = dashboard("/traffic")
    count = page.get_by_text(re.compile(r"^\d+ of \d+ requests$"))
    page.get_by_label("Search").fill("/types")
    expect(count).to_have_text(re.compile("^2 of"))
    page.get_by_label("Status").select_option("4xx client error")
    expect(count).to_have_text(re.compile("^1 of"))
    page.get_by_label("Search").fill("")
    page.get_by_label("Status").select_option("any")
    page.get_by_label("Operation").select_option("listRoles")
    expect(page.locator(".rows-body .row")).to_have_count(1)


def test_traffic__a_refused_call_shows_received_and_documented_values(
    dashboard: OpenDashboard, enspace: Enspace
) -> None:
    enspace.client.post("/ws/roles", json={"name": 5})
    page = dashboard("/traffic")
    page.get_by_role("link", name="POST /ws/roles").click()
    expect(page.get_by_role("row", name="body.name 5 string")).to_be_visible()
    stages = page.get_by_role("list", name="Request stages").get_by_role("listitem")
    expect(stages.nth(4)).to_have_text(re.compile(r"^validate.*\(failed\)$"))
    expect(stages.nth(5)).to_have_text("faultnot run")


def test_traffic__marks_only_the_stages_that_failed(dashboard: OpenDashboard, enspace: Enspace) -> None:
    recorded = {"route": False, "validate": False, "choose": False, "generate": True, "check": False, "send": False}

    def answer(route: Route) -> None:
        stages = [{"stage": name, "result": "", "failed": failed} for name, failed in recorded.items()]
        route.fulfill(json=route.fetch().json() | {"stages": stages})

    enspace.client.get("/ws/types")
    number = enspace.journal.last(1)[0]["number"]
    page = dashboard("/traffic")
    page.route(f"**/journal/{number}", answer)
    page.get_by_role("link", name="GET /ws/types").click()
    expect(page.locator(".stages .failed .stage")).to_have_text(["generate"])
    expect(page.locator(".stages .unreached .stage")).to_have_text(["read head", "authenticate", "read body", "fault"])


def test_traffic__is_cleared(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.get("/ws/types")
    page = dashboard("/traffic")
    page.get_by_role("link", name="GET /ws/types").click()
    page.get_by_role("button", name="Clear journal").click()
    expect(page.get_by_text("Journal cleared.")).to_be_visible()
    expect(page.get_by_text("Select a request")).to_be_visible()
    assert enspace.journal.last(1) == []
    enspace.client.get("/ws/roles")
    expect(page.locator(".rows-body .row")).to_have_count(1)


def test_traffic__stays_cleared_when_an_earlier_page_arrives_late(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.get("/ws/types")
    page = dashboard("/traffic")
    earlier, late = enspace.client.get("/_mock/journal?form=brief&limit=500").text, list[Route]()
    page.route(re.compile("/journal.*form=brief"), lambda route: late.append(route), times=1)
    page.reload()
    page.get_by_role("button", name="Clear journal").click()
    expect(page.get_by_text("Journal cleared.")).to_be_visible()
    [route] = late
    route.fulfill(body=earlier, content_type="application/json")
    enspace.client.get("/ws/roles")
    expect(page.get_by_role("link", name="GET /ws/roles")).to_be_visible()
    expect(page.locator(".rows-body .row")).to_have_count(1)


def test_traffic__stays_cleared_while_the_feed_catches_up(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.get("/ws/types")
    page, late = dashboard("/traffic"), list[Route]()
    page.route(re.compile("/journal.*before="), lambda route: late.append(route), times=1)
    with page.expect_request(re.compile("/journal.*before=")):
        page.reload()
    page.get_by_role("button", name="Clear journal").click()
    expect(page.get_by_text("Journal cleared.")).to_be_visible()
    [route] = late
    route.continue_()
    enspace.client.get("/ws/roles")
    expect(page.get_by_role("link", name="GET /ws/roles")).to_be_visible()
    expect(page.locator(".rows-body .row")).to_have_count(1)


def test_traffic__keeps_a_call_that_came_while_it_was_cleared(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.get("/ws/types")
    page = dashboard("/traffic")

    def answer_late(route: Route) -> None:
        response = route.fetch()
        enspace.client.get("/ws/roles")
        expect(page.get_by_role("link", name="GET /ws/roles")).to_be_visible()
        route.fulfill(response=response)

    page.route("**/journal?sandbox=*", answer_late)
    page.get_by_role("button", name="Clear journal").click()
    expect(page.get_by_text("Journal cleared.")).to_be_visible()
    expect(page.get_by_role("link", name="GET /ws/roles")).to_be_visible()


def test_traffic__secrets_stay_masked(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.get("/ws/types")
    page = dashboard("/traffic")
    page.get_by_role("link", name="GET /ws/types").click()
    page.get_by_text("Headers", exact=True).click()
    expect(page.locator("dt", has_text="x-api-key")).to_be_visible()
    assert enspace.api_key not in page.content()


def test_traffic__is_copied_as_curl_pytest_and_har(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", json={"name": "It's", "description": None})
    page = dashboard("/traffic", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="POST /ws/roles").click()
    for what, part in (("curl", r"'\''s"), ("pytest", "'description': None"), ("HAR", '"version": "1.2"')):
        page.get_by_role("button", name=f"Copy as {what}").click()
        expect(page.get_by_role("status").filter(has_text=f"Copied as {what}.")).to_be_visible()
        copied = page.evaluate("navigator.clipboard.readText()")
        assert part.replace("'description'", '"description"') in copied
        assert enspace.api_key not in copied


def test_replay__uses_a_key_of_the_same_user(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    page = dashboard("/traffic")
    page.get_by_role("link", name="POST /ws/roles").click()
    page.get_by_role("button", name="Replay…").click()
    page.get_by_label("Body").fill('{"name": "Second", "description": null}')
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Response status: 200.")).to_be_visible()
    expect(page.locator(".detail")).to_contain_text("Second")
    assert [role["name"] for role in enspace.state()["roles"]][-2:] == ["Auditor", "Second"]


def test_traffic__is_walked_by_the_keyboard(dashboard: OpenDashboard, enspace: Enspace) -> None:
    for number in range(60):
        enspace.client.get(f"/ws/types/type-{number}")
    page = dashboard("/traffic")
    page.get_by_role("link", name="type-59").focus()
    page.keyboard.press("End")
    expect(page.get_by_role("link", name="type-0", exact=False).last).to_be_focused()
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="404 GET /ws/types/type-1", exact=True)).to_be_visible()


def test_traffic__a_body_that_is_not_stored_shows_its_size(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", content=b"\x00\xff" * 3)
    enspace.client.post("/ws/roles", json={"name": "x" * 20_000})
    page = dashboard("/traffic")
    page.get_by_role("link", name="POST /ws/roles").first.click()
    expect(page.get_by_text("20,011 bytes, not stored")).to_be_visible()
    enspace.client.post("/ws/roles", json={"name": "x" * 5_000_000})
    page.get_by_role("row", name="413 POST /ws/roles").get_by_role("link").click()
    expect(page.get_by_text("5,000,011 bytes, not read")).to_be_visible()


def test_traffic__speaks_portuguese_on_a_phone(dashboard: OpenDashboard, enspace: Enspace) -> None:
    enspace.client.get("/ws/types")
    page = dashboard("/traffic", locale="pt-BR", viewport={"width": 360, "height": 740})
    page.get_by_role("link", name="GET /ws/types").click()
    expect(page.get_by_role("button", name="Copiar como curl")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("link", name="← Todas as requisições").click()
    expect(page.get_by_role("link", name="GET /ws/types")).to_be_visible()
