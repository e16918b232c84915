"""Workspaces that the run itself has created. Only `full` creates any; each is deleted through its own header.

No path names a workspace, so the ledger, which contains paths, cannot list them: a killed run leaves them.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

import requests

from mockserver.verify.safety.bounded_transport import parse_json

COLLECTION = "/ws"


class OwnWorkspaces:
    """Observer of responses. `created` counts all own workspaces, `slugs` are those that still exist.

    `others` are slugs that never become ours, even if the target answers a creation with one of them.
    """

    def __init__(self, *others: str) -> None:
        self.slugs: list[str] = []
        self.created = 0
        self._others = set(others)

    def is_named_by(self, headers: Mapping[str, str | bytes]) -> bool:
        """True for a request within an own workspace."""
        return headers.get("en-workspace", "") in self.slugs

    def observe(self, request: requests.PreparedRequest, response: requests.Response) -> None:
        """Notes the workspaces that a response lists, creates or deletes."""
        if not response.ok or not urlsplit(request.url or "").path.endswith(COLLECTION):
            return
        slugs = _slugs(response)
        if request.method == "GET":
            # What is listed and not ours belongs to somebody.
            self._others.update(slug for slug in slugs if slug not in self.slugs)
        elif request.method == "POST":
            new = [slug for slug in slugs if slug not in self._others]
            self.slugs += new
            self.created += len(new)
        elif request.method == "DELETE" and self.is_named_by(request.headers):
            self.slugs.remove(str(request.headers["en-workspace"]))


def _slugs(response: requests.Response) -> list[str]:
    """The slugs of one workspace, or of a list of them."""
    body = parse_json(response.content)
    rows = body if isinstance(body, list) else [body]
    return [row["slug"] for row in rows if isinstance(row, dict) and isinstance(row.get("slug"), str)]
