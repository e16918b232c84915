"""Pytest plugin: one mock server per session, and one sandbox per test with the fixture `enspace`.

With `MOCKSERVER_URL` in the environment, the plugin uses the server there. The sandbox of a killed test process is
deleted after `LIFETIME` seconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import httpx
import pytest

from mockserver.errors import StartError
from mockserver.settings import load_settings, running_server
from mockserver.testing.enspace_client import ControlError, Enspace, control_client
from mockserver.testing.mock_server import MockServer

LIFETIME = 3600

SandboxFactory = Callable[..., Enspace]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addini("mockserver_seed", "Seed of the mock server.", default="0")
    parser.addini("mockserver_spec", "Contract of the mock server, from the folder of the settings file.", default="")


@pytest.fixture(scope="session")
def enspace_server(pytestconfig: pytest.Config) -> Iterator[SandboxFactory]:
    """A function that creates a sandbox on the server of this session."""
    # Workers of pytest-xdist, or the tests of `mockserver run`, share one server.
    if running := running_server():
        _check_reachable(*running)
        yield partial(Enspace.fresh, *running)
        return
    spec = pytestconfig.getini("mockserver_spec")
    options = {
        "seed": pytestconfig.getini("mockserver_seed"),
        "spec": str(pytestconfig.rootpath / spec) if spec else None,
    }
    try:
        settings = load_settings(options, {})
        server = MockServer(seed=settings.seed, spec=settings.spec).start()
    except StartError as error:
        pytest.fail(f"the mock server does not start: {error}", pytrace=False)
    yield server.sandbox
    server.stop()


def _check_reachable(url: str, token: str) -> None:
    """Fails with one sentence if no mock server answers at the URL."""
    try:
        with control_client(url, token) as control:
            status = control.get("/ready").status_code
        problem = "" if status == 200 else f"status {status}"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        problem = str(error)
    if problem:
        fix = "start it with `mockserver serve`, or unset the variable"
        pytest.fail(f"MOCKSERVER_URL: no mock server answers at {url} ({problem}). Fix: {fix}.", pytrace=False)


@pytest.fixture
def enspace(enspace_server: SandboxFactory) -> Iterator[Enspace]:
    """A sandbox for one test, with `.url`, `.api_key`, `.workspace`, `.headers` and `.client`."""
    with enspace_server(lifetime=LIFETIME) as sandbox:
        yield sandbox


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[Any]:
    """Adds the calls of a failed test to its report."""
    outcome: Any = yield
    report = outcome.get_result()
    sandbox = getattr(item, "funcargs", {}).get("enspace")
    # Another plugin or suite may have a fixture of this name.
    if report.when == "call" and report.failed and isinstance(sandbox, Enspace):
        report.sections.append(("Enspace calls", _render_calls(sandbox)))


def _render_calls(sandbox: Enspace) -> str:
    """The calls in the journal, or why they cannot be read: an error here must not hide the failed test."""
    try:
        return sandbox.journal.text()
    except (ControlError, httpx.HTTPError) as error:
        return f"  the journal of {sandbox.url} cannot be read: {error!r}"
