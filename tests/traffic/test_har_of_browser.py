"""A HAR file of a real browser, saved by Playwright in both of its forms, gives the rows of the deviations."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.browser import chromium
from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.reference.server import ReferenceServer
from tests.traffic.test_deviations import find_rows

NAMES = ("role-color", "schedule-task-name-null", "quick-task-paused", "role-201", "count-object", "role-delete-empty")
# Calls as a page makes them, each twice; a role is created and deleted.
SCRIPT = """async (headers) => {
  const sent = {...headers, 'content-type': 'application/json'};
  const call = (method, path, body) => fetch(path, {method, headers: sent, body: body && JSON.stringify(body)});
  for (const turn of [1, 2]) {
    for (const path of ['/ws/roles', '/ws/roles/count', '/c-quick-tasks', '/c-schedule-tasks?_limit=9', '/ws/types'])
      await (await call('GET', path)).text();
    const role = await (await call('POST', '/ws/roles', {name: `Portaria ${turn}`})).json();
    await (await call('DELETE', `/ws/roles/${role.id}`)).text();
  }
}"""


@pytest.mark.parametrize("mode", ["full", "minimal"])
def test_har_of_chromium__gives_the_rows(tmp_path: Path, mode: str) -> None:
    file, changes = tmp_path / "browser.har", [DEVIATIONS[name].change for name in NAMES]
    with ReferenceServer(changes) as server, chromium() as browser:
        context = browser.new_context(record_har_path=file, record_har_content="embed", record_har_mode=mode)  # type: ignore[arg-type]
        page = context.new_page()
        page.goto(f"{server.url}/nothing")
        page.evaluate(SCRIPT, {"x-api-key": "browser", "en-workspace": "company-abc"})
        context.close()
    assert json.loads(file.read_text())["log"]["creator"]["name"] == "Playwright"
    assert {row.identity for row in find_rows(file)} == {DEVIATIONS[name].row for name in NAMES}
