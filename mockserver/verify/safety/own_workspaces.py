"""The workspaces that the run itself has made: only `full` makes any, and each is ended through its own header.

No path names them, so that the ledger, which keeps paths, cannot; a run that is killed leaves them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

COLLECTION = "/ws"


class OwnWorkspaces:
    """Learns from the answers which ones are there. `made` counts them all, `slugs` are those that are left."""

    def __init__(self) -> None:
        self.slugs: list[str] = []
        self.made = 0

    def is_named_by(self, headers: Mapping[str, str | bytes]) -> bool:
        """True for a request within one of them."""
        return headers.get("en-workspace", "") in self.slugs

    def learn(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """One is made, or ended."""
        if not response.ok or not urlsplit(request.url or "").path.endswith(COLLECTION):
            return
        if request.method == "POST" and (slug := _slug(response)):
            self.slugs.append(slug)
            self.made += 1
        elif request.method == "DELETE" and self.is_named_by(request.headers):
            self.slugs.remove(str(request.headers["en-workspace"]))


def _slug(response: requests.Response) -> str:
    try:
        return str(json.loads(response.content)["slug"])
    except (ValueError, LookupError, TypeError):
        return ""
