"""The docs page in a browser: a reader tries an operation without filling in anything."""

import pytest
from playwright.sync_api import Browser, Page, expect

from mockserver import MockServer


@pytest.fixture
def docs(browser: Browser, running: MockServer) -> Page:
    page: Page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.goto(f"{running.url}/docs#/Items/listItems")
    return page


def test_operation__tried_at_once_answers_records(docs: Page, running: MockServer) -> None:
    docs.get_by_role("button", name="Try it out").click()
    docs.get_by_role("button", name="Execute").click()
    answer = docs.locator(".live-responses-table .response")
    expect(answer.locator(".response-col_status")).to_contain_text("200")
    expect(answer).to_contain_text('"reference"')
    expect(docs.locator(".request-url pre")).to_have_text(f"{running.url}/ws/types/contratos/items")
    docs.close()


def test_docs__and_dashboard_lead_to_each_other(docs: Page) -> None:
    docs.get_by_role("link", name="Dashboard").click()
    expect(docs).to_have_title("Traffic · Enspace mock server")
    docs.get_by_role("link", name="API docs").click()
    expect(docs).to_have_title("Enspace mock server: API")
    docs.close()
