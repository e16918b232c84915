"""Certificates of a target that come from the authority of a company: `--ca` of `record` and of `serve --upstream`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from mockserver import MockServer
from mockserver.errors import StartError
from tests.certificates import self_signed
from tests.traffic.recording import recording
from tests.verify.independent.server import Target

DISTRUST = "did not answer (TLS certificate not trusted: self-signed certificate. Fix: --ca)"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return self_signed(tmp_path)


@pytest.fixture
def secured(certificate: Path) -> Iterator[str]:
    """The address of a target that speaks TLS. It answers 404: it has no roles."""
    with Target(certificate=certificate) as target:
        yield target.url


def test_upstream__of_a_named_authority_answers(secured: str, certificate: Path) -> None:
    with MockServer(upstream=secured, ca=str(certificate)) as enspace:
        answer = httpx.get(f"{enspace.url}/ws/roles", timeout=30)
    assert (answer.status_code, answer.headers["x-mock-source"]) == (404, "upstream")


def test_upstream__of_an_unknown_authority_is_a_502_with_the_reason(secured: str) -> None:
    with MockServer(upstream=secured) as enspace:
        answer = httpx.get(f"{enspace.url}/ws/roles", timeout=30)
    assert answer.json()["message"] == f"Bad Gateway: the upstream {DISTRUST}"


def test_recording__of_a_named_authority_has_the_call(secured: str, certificate: Path, tmp_path: Path) -> None:
    with recording(secured, tmp_path / "calls.har", "--ca", str(certificate)) as proxy:
        assert proxy.ask("GET", "/ws/roles")[0] == 404
        assert proxy.end().endswith("1 call added")


def test_recording__of_an_unknown_authority_is_a_502_with_the_reason(secured: str, tmp_path: Path) -> None:
    with recording(secured, tmp_path / "calls.har") as proxy:
        status, body = proxy.ask("GET", "/ws/roles")
        proxy.end()
    assert (status, json.loads(body)["message"]) == (502, f"the target {DISTRUST}")


@pytest.mark.parametrize(
    ("content", "problem"), [(None, "No such file or directory"), ("no certificate", "it holds no certificate")]
)
def test_authority__that_is_no_certificate_stops_the_start(tmp_path: Path, content: str | None, problem: str) -> None:
    file = tmp_path / "ca.pem"
    if content:
        file.write_text(content)
    with pytest.raises(StartError, match=rf"--ca: received .*ca\.pem \({problem}\), documented: .* PEM form"):
        MockServer(upstream="https://staging.invalid", ca=str(file)).start()
