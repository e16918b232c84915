"""The files of the dashboard: small, complete in both languages, and free of inline code."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.asgi_client import AsgiClient

FOLDER = Path(__file__).parents[2] / "mockserver" / "control" / "dashboard"
SCRIPTS = sorted(FOLDER.glob("*.js"))

Server = Callable[..., AsgiClient]


def test_page__is_small() -> None:
    assert sum(file.stat().st_size for file in FOLDER.iterdir()) <= 200_000


def test_page__is_served_with_a_policy_that_runs_its_own_files_only(server: Server) -> None:
    page = server(control_token="right").get("/_mock/")
    assert page.status_code == 200
    policy = page.headers["content-security-policy"]
    assert "unsafe" not in policy
    assert "*" not in policy
    assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy
    assert ("frame-ancestors 'none'" in policy, page.headers["referrer-policy"]) == (True, "no-referrer")
    assert server().get("/_mock", follow_redirects=False).headers["location"] == "/_mock/"


def test_page__has_nothing_inline_and_names_no_other_host(server: Server) -> None:
    text = (FOLDER / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"<style|\son\w+=|style=|<script(?![^>]*src=)", text)
    for address in re.findall(r'(?:src|href)="([^"]+)"', text):
        assert address.startswith("/_mock/dashboard/")
        answer = server().get(address)
        assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-cache")
    for script in SCRIPTS:
        assert not re.search(
            r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function", script.read_text("utf-8")
        )


def test_page__preloads_all_its_scripts(server: Server) -> None:
    preloaded = re.findall(r'"modulepreload" href="/_mock/dashboard/([^"]+)"', server().get("/_mock/").text)
    assert preloaded == [script.name for script in SCRIPTS if script.name != "main.js"]


def test_page__every_text_has_its_portuguese() -> None:
    used = {text for script in SCRIPTS for text in re.findall(r'\bt\(\s*"([^"]+)"', script.read_text(encoding="utf-8"))}
    portuguese = (FOLDER / "portuguese.js").read_text(encoding="utf-8")
    known = {quoted or plain for quoted, plain in re.findall(r'^  (?:"([^"]+)"|(\w+)):', portuguese, re.M)}
    assert used == known


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda script: script.name)
def test_script__is_short_and_begins_with_its_subject(script: Path) -> None:
    lines = script.read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("// ")
    assert len(lines) <= 220
