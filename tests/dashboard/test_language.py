"""Every text of the page is translated: with a dictionary that marks all its texts, only what the fake said is left."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard

pytestmark = pytest.mark.long

MARKING = "export const PORTUGUESE = new Proxy({}, { get: (_, text) => `«${text}»` });"

LISTENING = """
    const read = Response.prototype.json;
    window.told = [];
    Response.prototype.json = async function () {
        const value = await read.call(this);
        window.told.push(value);
        return value;
    };
"""

# Texts and labels that a reader meets, but for those that show values as JSON.
TEXTS = """() => {
    const found = [document.title];
    const all = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (all.nextNode()) if (!all.currentNode.parentElement.closest("pre, textarea, noscript")) {
        found.push(all.currentNode.data);
    }
    for (const name of ["aria-label", "placeholder", "title", "alt"]) {
        for (const one of document.querySelectorAll(`[${name}]`)) found.push(one.getAttribute(name));
    }
    return found.filter((text) => !text.startsWith("{"));
}"""

# Names of the API and of the README, which stay as they are, and those that are the same in all languages.
NAMES = {
    *("read head", "route", "authenticate", "read body", "validate", "fault", "choose", "handle", "check", "send"),
    *("reset", "timeout", "truncated", "malformed", "drip", "JSON", "English", "Português", "true", "false", "null"),
}
# Numbers, times and what a value is cut to.
MEASURE = re.compile(r"[\W\d]*(ms|min|h|d|de|\w{3}\.)?[\W\d]*")


def said(value: Any) -> set[str]:
    """All names and values of an answer, as texts."""
    if isinstance(value, dict):
        return {*value, *(text for part in value.values() for text in said(part))}
    if isinstance(value, list):
        return {text for part in value for text in said(part)}
    return {str(value)}


def parts(text: str) -> list[str]:
    return [part.strip(" *)") for part in re.split(r" · |, | \(|\?", text)]


def left(page: Page, known: set[str]) -> list[str]:
    """What stands on the page and is neither marked nor said by the fake."""
    found: list[str] = []
    for text in page.evaluate(TEXTS):
        while text != (text := re.sub(r"«[^«»]*»", "", text)):
            pass
        found += parts(text)
    known = known.union(*map(parts, known))
    return [
        part
        for part in found
        if part not in known and not all(word in known or MEASURE.fullmatch(word) for word in part.split())
    ]


@pytest.mark.parametrize(
    ("view", "complete"),
    [
        ("/traffic", "«Source»"),
        ("/traffic/{number}", "«This response comes from"),
        ("/data/roles/8", "«Save»"),
        ("/control", "«Create key»"),
        ("/contract", "in the last 10 minutes"),
    ],
)
def test_view__says_nothing_that_is_not_translated(
    dashboard: OpenDashboard, enspace: Enspace, view: str, complete: str
) -> None:
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.fault("listTypes", status=500, times=1)
    enspace.client.get("/ws/types")
    page = dashboard(view.format(number=enspace.journal.last(1)[0]["number"]), locale="pt-BR")
    page.route("**/portuguese.js", lambda route: route.fulfill(body=MARKING, content_type="text/javascript"))
    page.add_init_script(LISTENING)
    page.reload()
    expect(page.locator("main").get_by_text(complete).first).to_be_visible()
    assert left(page, NAMES | said(page.evaluate("window.told"))) == []
