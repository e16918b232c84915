"""A page of another origin in a real browser."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Browser

from mockserver.testing.enspace_client import Enspace

# A name that is not of loopback; the test itself answers for it.
PAGE = "http://evil.test/"
SENDS = """async ([method, url, headers]) => {
  try { return (await fetch(url, { method, headers, body: method === "GET" ? undefined : "{}" })).status }
  catch (error) { return "blocked" }
}"""


def test_foreign_page__reads_and_changes_nothing(browser: Browser, enspace: Enspace) -> None:
    enspace.client.post("/ws/roles", json={"name": "Kept"})
    before = enspace.state()
    page = browser.new_context().new_page()
    page.route(PAGE, lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto(PAGE)
    sandbox = f"sandbox={enspace.name}"
    json, form = {"content-type": "application/json"}, {"content-type": "text/plain"}
    tried: list[list[Any]] = [
        ["GET", "state", {}],
        ["POST", "reset", json],
        ["POST", "reset", form],
        ["GET", "keys", {}],
    ]
    statuses = [page.evaluate(SENDS, [m, f"{enspace.url}/_mock/{path}?{sandbox}", h]) for m, path, h in tried]
    page.context.close()
    assert set(statuses) <= {"blocked", 403}
    assert enspace.state() == before
