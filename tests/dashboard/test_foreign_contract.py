"""The dashboard of a contract of somebody else, which has forms and no state.

The server stands first among the arguments of a test, so that the page is closed before the server stops.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from mockserver import MockServer
from mockserver.testing.enspace_client import Enspace
from tests.cards import CARDS
from tests.dashboard.conftest import OpenDashboard


@pytest.fixture
def cards(tmp_path: Path) -> Iterator[Enspace]:
    (tmp_path / "cards.yaml").write_text(CARDS, encoding="utf-8")
    with MockServer(spec=tmp_path / "cards.yaml") as cards:
        yield cards


def test_form__is_copied_and_replayed_as_fields(cards: Enspace, dashboard: OpenDashboard) -> None:
    cards.client.post("/cards", data={"amount": "4", "owner[name]": "It's"})
    page = dashboard("/traffic", url=f"{cards.url}/_mock/", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("link", name="POST /cards").click()
    page.get_by_role("button", name="Copy as curl").click()
    expect(page.get_by_role("status").filter(has_text="Copied as curl.")).to_be_visible()
    assert r"--data-urlencode 'owner[name]=It'\''s'" in page.evaluate("navigator.clipboard.readText()")
    page.get_by_role("button", name="Replay…").click()
    page.get_by_label("Body").fill('{"amount": 5, "owner": {"name": "Ana"}}')
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Response status: 204.")).to_be_visible()
    expect(page.locator(".detail")).to_contain_text('"name": "Ana"')


def test_data__has_no_collections_without_state(cards: Enspace, dashboard: OpenDashboard) -> None:
    page = dashboard("/data", url=f"{cards.url}/_mock/")
    expect(page.get_by_text("This contract has no records.")).to_be_visible()
    expect(page.get_by_role("button", name="Add a record")).to_have_count(0)
