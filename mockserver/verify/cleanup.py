"""What the run made is deleted, children first, and looked for afterwards; the ledger tells what."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import Any

import requests

from mockserver.verify.guard import Guard
from mockserver.verify.ledger import Ledger, Own
from mockserver.verify.own_workspaces import COLLECTION, OwnWorkspaces
from mockserver.verify.results import Cleanup, Left
from mockserver.verify.undo import Creation, path_keys

ATTEMPTS = 3
PAUSE = 0.5


class Cleaner:
    """Deletes the records of a ledger through the guard, which lets nothing else pass."""

    def __init__(
        self,
        base: str,
        headers: dict[str, str],
        guard: Guard,
        ledger: Ledger,
        creations: dict[str, Creation],
        workspaces: OwnWorkspaces,
    ) -> None:
        self._base, self._headers, self._guard = base, headers, guard
        self._ledger, self._creations, self._workspaces = ledger, creations, workspaces
        self._session = requests.Session()
        self._why: dict[str, str] = {}

    def clean(self) -> Cleanup:
        """Deletes all and says what became of it. Safe to be called again."""
        self._guard.cleaning, stopped = True, self._guard.stopped
        self._guard.stopped = ""  # a stopped run still has to clean
        try:
            left = list(self._adopt_unsettled())
            for own in reversed(self._ledger.own.copy().values()):
                if own.path in self._ledger.own:
                    self._delete(own)
            for slug in self._workspaces.slugs.copy():
                self._ask("DELETE", COLLECTION, **{"en-workspace": slug})
        finally:
            self._guard.cleaning, self._guard.stopped = False, stopped
            self._session.close()
        return self.outcome(left)

    def outcome(self, left: Iterable[Left] = ()) -> Cleanup:
        """What is known of the records, at any time."""
        left = [*left, *(Left(path, self._why.get(path, "not tried")) for path in self._ledger.own)]
        file = str(self._ledger.file) if self._ledger.file and left else ""
        unerasable = {path: n for path, n in self._guard.unerasable.items() if path != COLLECTION}
        left += [Left(path, f"{n} made, no DELETE takes them back") for path, n in unerasable.items()]
        left += [Left(f"{COLLECTION} with {slug}", "the DELETE was refused") for slug in self._workspaces.slugs]
        created, ended = self._workspaces.made, self._workspaces.made - len(self._workspaces.slugs)
        return Cleanup(self._ledger.created + created, self._ledger.deleted + ended, tuple(left), file)

    def _adopt_unsettled(self) -> Iterator[Left]:
        """A creation whose answer never came may have been done: the mark finds its record in the list."""
        for number, path in list(self._ledger.open_intents.items()):
            creation = next(c for t, c in self._creations.items() if path_keys(t, path) is not None)
            rows = self._ask("GET", path + "?_limit=1000")
            if rows is None or not isinstance(found := _json(rows), list):
                # Below a record of ours that is deleted anyway, nothing is left over.
                if not self._ledger.is_own(path) and (rows is None or rows.status_code != 404):
                    yield Left(path, "a creation without an answer, and the list cannot be read")
                continue
            marked = [row for row in found if self._ledger.mark in str(row)]
            made = [own for row in marked if (own := creation.made(path, row)) and own.path not in self._ledger.own]
            for own in made:
                self._ledger.record_created(number, own)
            if not made:
                self._ledger.record_refused(number, 0)

    def _delete(self, own: Own) -> None:
        """Tried a few times; gone is what is no longer found.

        What the target has called deleted is looked at first: its id may have been given to somebody else's record.
        """
        if own.path in self._ledger.claimed:
            if self._is_gone(own):
                self._ledger.record_deleted(own.path)
                return
            if not self._is_marked(own):
                self._why[own.path] = "called deleted, and now a record without the mark of the run"
                return
        for attempt in range(ATTEMPTS):
            answer = self._ask("DELETE", own.path)
            if answer is not None and (answer.ok or answer.status_code in (404, 410)):
                if self._is_gone(own):
                    self._ledger.record_deleted(own.path)
                    return
                self._why[own.path] = f"still there after a DELETE that answered {answer.status_code}"
            else:
                self._why[own.path] = "no answer" if answer is None else f"the DELETE answered {answer.status_code}"
            if attempt + 1 < ATTEMPTS:
                time.sleep(PAUSE * (attempt + 1))

    def _is_gone(self, own: Own) -> bool:
        answer = self._ask("GET", own.path)
        if answer is not None and answer.status_code == 405:  # there is no reading of a single one
            answer = self._ask("GET", own.path.rpartition("/")[0] + "?_limit=1000")
            rows, last = _json(answer) if answer is not None else None, own.path.rpartition("/")[2]
            if isinstance(rows, list):
                return all(str(row.get("id")) != last for row in rows)
        return answer is not None and answer.status_code in (404, 410)

    def _is_marked(self, own: Own) -> bool:
        answer = self._ask("GET", own.path)
        return answer is None or not answer.ok or self._ledger.mark in answer.text

    def _ask(self, method: str, path: str, **headers: str) -> requests.Response | None:
        sent = self._headers | headers
        try:
            return self._session.request(method, self._base + path, headers=sent, allow_redirects=False)
        except requests.RequestException:
            return None


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
