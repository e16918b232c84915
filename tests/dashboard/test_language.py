"""Every text of the page is translated: a dictionary marks all texts, and only values of the server are unmarked."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mockserver.testing.enspace_client import Enspace
from tests.dashboard.conftest import OpenDashboard

MARKING = "export const PORTUGUESE = new Proxy({}, { get: (_, text) => `«${text}»` });"

LISTENING = """
    const read = Response.prototype.json;
    window.responses = [];
    Response.prototype.json = async function () {
        const value = await read.call(this);
        window.responses.push(value);
        return value;
    };
"""

# All visible texts and labels, except values shown as JSON.
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

# Names of the API, and names that are the same in both languages.
NAMES = {
    *("read head", "route", "authenticate", "read body", "validate", "fault", "choose", "handle", "check", "send"),
    *("reset", "timeout", "truncated", "malformed", "drip", "JSON", "English", "Português", "true", "false", "null"),
}
# Numbers, times and truncated values.
MEASURE = re.compile(r"[\W\d]*(ms|min|h|d|de|\w{3}\.)?[\W\d]*")


def texts(value: Any) -> set[str]:
    """All names and values of a response as texts."""
    if isinstance(value, dict):
        return {*value, *(text for part in value.values() for text in texts(part))}
    if isinstance(value, list):
        return {text for part in value for text in texts(part)}
    return {str(value)}


def parts(text: str) -> list[str]:
    return [part.strip(" *)") for part in re.split(r" · |, | \(|\?", text)]


def untranslated(page: Page, known: set[str]) -> list[str]:
    """Texts of the page that are neither marked nor values of the server."""
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
def test_tab__has_no_untranslated_text(dashboard: OpenDashboard, enspace: Enspace, view: str, complete: str) -> None:
    enspace.client.post("/ws/roles", json={"name": "Auditor", "description": None})
    enspace.fault("listTypes", status=500, times=1)
    enspace.client.get("/ws/types")
    page = dashboard(view.format(number=enspace.journal.last(1)[0]["number"]), locale="pt-BR")
    page.route("**/portuguese.js", lambda route: route.fulfill(body=MARKING, content_type="text/javascript"))
    page.add_init_script(LISTENING)
    page.reload()
    expect(page.locator("main").get_by_text(complete).first).to_be_visible()
    assert untranslated(page, NAMES | texts(page.evaluate("window.responses"))) == []
