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
    """Learns from the answers which ones are there. `made` counts them all, `slugs` are those that are left.

    A target that answers a creation with a workspace of others, or with that of the run, must not make it ours.
    """

    def __init__(self, *others: str) -> None:
        self.slugs: list[str] = []
        self.made = 0
        self._others = set(others)

    def is_named_by(self, headers: Mapping[str, str | bytes]) -> bool:
        """True for a request within one of them."""
        return headers.get("en-workspace", "") in self.slugs

    def learn(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """One is made, or ended, or was there without us."""
        if not response.ok or not urlsplit(request.url or "").path.endswith(COLLECTION):
            return
        told = _slugs(response)
        if request.method == "GET":
            self._others.update(slug for slug in told if slug not in self.slugs)
        elif request.method == "POST":
            new = [slug for slug in told if slug not in self._others]
            self.slugs += new
            self.made += len(new)
        elif request.method == "DELETE" and self.is_named_by(request.headers):
            self.slugs.remove(str(request.headers["en-workspace"]))


def _slugs(response: requests.Response) -> list[str]:
    """Of one workspace, or of a list of them."""
    try:
        told = json.loads(response.content)
    except ValueError:
        return []
    rows = told if isinstance(told, list) else [told]
    return [row["slug"] for row in rows if isinstance(row, dict) and isinstance(row.get("slug"), str)]
