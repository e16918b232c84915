"""Data tab: records, snapshots and fixtures."""

import re
from pathlib import Path

from playwright.sync_api import expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard, Watch


def test_data__is_searched_and_sorted(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/data/items")
    expect(page.get_by_text("150 records")).to_be_visible()
    page.get_by_label("Search in all values").fill("papelaria")
    expect(page.get_by_text("4 records")).to_be_visible()
    page.get_by_role("button", name="id", exact=True).click()
    expect(page.get_by_role("columnheader", name="id", exact=True)).to_have_attribute("aria-sort", "descending")
    expect(page.locator('.rows-body .row[data-index="0"] a').first).to_have_text("4784")


def test_data__opens_with_items(dashboard: OpenDashboard) -> None:
    page = dashboard("/data")
    expect(page.get_by_text("150 records")).to_be_visible()
    expect(page.get_by_role("link", name="items 150")).to_have_attribute("aria-current", "page")


def test_data__relations_are_followed_both_ways(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/data/items")
    page.get_by_role("link", name="Fornecedores").first.click()
    expect(page.get_by_role("heading", name="types 14")).to_be_visible()
    page.get_by_role("link", name="fields (item_type)").click()
    expect(page.get_by_role("link", name="Filter item_type:14: show all")).to_be_visible()
    expect(page.get_by_role("link", name="Fornecedores").first).to_be_visible()


def test_record__is_changed(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/data/roles")
    page.locator('.rows-body .row[data-index="0"] a').first.click()
    page.get_by_label("name *").fill("Chief")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text(re.compile(r"roles \d+ saved\."))).to_be_visible()
    assert enspace.state()["roles"][0]["name"] == "Chief"


def test_record__shows_an_error_beside_its_member(dashboard: OpenDashboard, enspace: Enspace, watch: Watch) -> None:
    watch.expected.append("400 (Bad Request)")
    page = dashboard("/data/items/4693")
    data = page.get_by_label("data *")
    data.fill("{")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Invalid JSON")).to_be_visible()
    data.fill('{"razao_social": 5}')
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#" + str(data.get_attribute("id")) + "-error")).to_contain_text("`data.razao_social`")
    expect(data).to_be_focused()


def test_record__is_added_with_generated_members(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/data/roles")
    page.get_by_role("link", name="Add a record").click()
    page.get_by_label("workspace *").select_option(label="Enterprise Contratos (123)")
    page.get_by_label("name *").fill("Chief")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="roles 8")).to_be_visible()
    made = enspace.state()["roles"][-1]
    assert (made["id"], made["name"], made["workspace"]) == (8, "Chief", 123)


def test_record__is_deleted_with_its_dependents(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/data/types/14")
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text(re.compile("Deleted: .*types"))).to_be_visible()
    assert all(item["item_type"] != 14 for item in enspace.state()["items"])


def test_record__that_others_require_is_not_deleted(dashboard: OpenDashboard, enspace: Enspace, watch: Watch) -> None:
    watch.expected.append("400 (Bad Request)")
    page = dashboard("/data/users/64")
    page.get_by_role("button", name="Delete…").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_role("alert").filter(has_text="needs it")).to_be_visible()


def test_snapshot__is_kept_and_restored_and_the_sandbox_reset(dashboard: OpenDashboard, enspace: Enspace) -> None:
    page = dashboard("/data/roles")
    page.get_by_role("button", name="Create snapshot…").click()
    page.get_by_role("button", name="Create", exact=True).click()
    expect(page.get_by_text("Snapshot before created.")).to_be_visible()
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_text("Snapshot before restored.")).to_be_visible()
    assert len(enspace.state()["roles"]) == 5
    page.get_by_role("button", name="Reset…").click()
    page.get_by_role("button", name="Reset", exact=True).click()
    expect(page.get_by_text("The sandbox was reset.")).to_be_visible()


def test_fixtures__are_downloaded_and_uploaded(dashboard: OpenDashboard, enspace: Enspace, tmp_path: Path) -> None:
    page = dashboard("/data/roles")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download fixtures").click()
    file = tmp_path / "mine.zip"
    download.value.save_as(file)
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    page.get_by_label("Fixture file to upload").set_input_files(file)
    expect(page.get_by_text("The uploaded fixtures replaced all records")).to_be_visible()
    assert len(enspace.state()["roles"]) == 5
    assert enspace.client.get("/ws/types").status_code == 200
