"""Reproductions of a request: a curl command, and a pytest file that sends the request again."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlsplit

import requests

from mockserver.verify.results import Finding

# Headers of the HTTP client itself would only lengthen the command.
_SENT_HEADERS = ("content-type", "accept", "x-api-key", "en-workspace", "prefer")
_VARIABLES = {"x-api-key": "$ENSPACE_API_KEY", "authorization": "$ENSPACE_AUTHORIZATION"}
LONGEST_BODY = 2000


@dataclass(frozen=True)
class SentRequest:
    """A request as it was sent; without a URL if nothing was sent."""

    method: str = ""
    url: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    number: int = field(default=0, compare=False)  # of its response in the run, 0 for none

    @classmethod
    def of(cls, request: requests.PreparedRequest, number: int = 0) -> Self:
        """Returns the request that a session has sent."""
        body = request.body.encode() if isinstance(request.body, str) else request.body
        headers = {name: str(value) for name, value in request.headers.items()}
        return cls(request.method or "", request.url or "", headers, body if isinstance(body, bytes) else None, number)

    def curl(self) -> str:
        """Renders the request as a command, credentials as variables; empty if nothing was sent."""
        if not self.url:
            return ""
        parts = ["curl", "-X", self.method, shlex.quote(self.url)]
        for name, value in self.headers.items():
            if name.lower() in _VARIABLES:
                parts += ["-H", f'"{name}: {_VARIABLES[name.lower()]}"']
            elif name.lower() in _SENT_HEADERS:
                parts += ["-H", shlex.quote(f"{name}: {value}")]
        if self.body:
            parts += ["--data-binary", shlex.quote(self.body.decode("utf-8", "replace")[:LONGEST_BODY])]
        return " ".join(parts)

    def pytest_file(self, operation: str, promise: str, assertion: str) -> str:
        """Renders a pytest file that sends the request again and ends with `assertion`; empty if nothing was sent."""
        if not self.url:
            return ""
        parts = urlsplit(self.url)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        names = {name.lower() for name in self.headers}
        own = {n: v for n, v in self.headers.items() if n.lower() in _SENT_HEADERS and n.lower() not in _VARIABLES}
        sent = f", content={self.body[:LONGEST_BODY]!r}" if self.body else ""
        # Without the header if the request had none: its absence may be the point.
        key = 'HEADERS["x-api-key"] = os.getenv("ENSPACE_API_KEY", "")\n' if "x-api-key" in names else ""
        return (
            f'"""{operation}: {promise}. Needs ENSPACE_API_URL and ENSPACE_API_KEY."""\n\n'
            f"import os\n\nimport httpx\n\nHEADERS = {own!r}\n{key}\n\n"
            f"def test_{_identifier(f'{operation}_{promise}')}() -> None:\n"
            f'    url = os.getenv("ENSPACE_API_URL", "") + {target!r}\n'
            f"    answer = httpx.request({self.method!r}, url, headers=HEADERS{sent})\n    {assertion}\n"
        )


def file_name(finding: Finding) -> str:
    """Returns the name of the pytest file of a finding."""
    return f"test_{_identifier(finding.identity).strip('_')}.py"


def _identifier(text: str) -> str:
    return re.sub(r"\W+", "_", text).lower()
