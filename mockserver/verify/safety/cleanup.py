"""What the run made is deleted, children first, and looked for afterwards; the ledger tells what."""

from __future__ import annotations

import time
from enum import Enum, auto
from typing import Any

import requests

from mockserver.verify.results import Cleanup, Left
from mockserver.verify.safety.ledger import Ledger, Own
from mockserver.verify.safety.own_workspaces import COLLECTION, OwnWorkspaces
from mockserver.verify.safety.request_guard import CUT, REFUSED, Guard
from mockserver.verify.safety.undo import Creation, path_keys

PAUSES = (0.0, 0.5, 1.0)  # before a round, after rounds in vain
GONE = (404, 410)


class Sight(Enum):
    """What is found where a record of the run was."""

    GONE = auto()
    OURS = auto()
    STRANGE = auto()  # without the mark
    UNCLEAR = auto()


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
        self._strange: set[str] = set()

    def clean(self) -> Cleanup:
        """Deletes all and says what became of it. Safe to be called again.

        In rounds, so that a target may stumble: as long as they get on, and a few times after pauses.
        """
        in_vain = 0
        with self._guard.on_top(), self._session:
            while in_vain < len(PAUSES) and (before := self._open()):
                time.sleep(PAUSES[in_vain])
                self._clean_once()
                in_vain = 0 if self._open() < before else in_vain + 1
            for slug in self._workspaces.slugs.copy():
                self._ask("DELETE", COLLECTION, **{"en-workspace": slug})
        return self.outcome()

    def _open(self) -> int:
        """How many records and unanswered creations may still be settled."""
        return len(self._ledger.own.keys() - self._strange) + len(self._ledger.open_intents)

    def _clean_once(self) -> None:
        self._adopt_unsettled()
        for own in reversed(self._ledger.own.copy().values()):
            if own.path in self._ledger.own and own.path not in self._strange:
                self._delete(own)

    def outcome(self) -> Cleanup:
        """What is known of the records, at any time."""
        lost = "a creation without an answer, and the list cannot be read"
        left = [Left(path, lost) for path in self._ledger.open_intents.values()]
        left += [Left(path, self._why.get(path, "not tried")) for path in self._ledger.own]
        file = str(self._ledger.file) if self._ledger.file and left else ""
        unerasable = {path: n for path, n in self._guard.unerasable.items() if path != COLLECTION}
        left += [Left(path, f"{n} made, no DELETE takes them back") for path, n in unerasable.items()]
        left += [Left(f"{COLLECTION} with {slug}", "the DELETE was refused") for slug in self._workspaces.slugs]
        created, ended = self._workspaces.made, self._workspaces.made - len(self._workspaces.slugs)
        told = tuple(dict.fromkeys(left))
        return Cleanup(self._ledger.created + created, self._ledger.deleted + ended, told, file)

    def _adopt_unsettled(self) -> None:
        """A creation whose answer never came may have been done: the mark finds its record in the list."""
        for number, path in list(self._ledger.open_intents.items()):
            creation = next(c for t, c in self._creations.items() if path_keys(t, path) is not None)
            rows = self._ask("GET", path + "?_limit=1000")
            found = _json(rows) if rows is not None and rows.ok else None
            if isinstance(found, list):
                self._adopt(number, path, creation, found)
            elif self._ledger.is_own(path) or (rows is not None and rows.status_code in GONE):
                # Nothing is left over without its collection, or below a record of ours that is deleted anyway.
                self._ledger.record_refused(number, 0)

    def _adopt(self, number: int, path: str, creation: Creation, rows: list[Any]) -> None:
        marked = [row for row in rows if self._ledger.mark in str(row)]
        made = [own for row in marked if (own := creation.made(path, row)) and own.path not in self._ledger.own]
        for own in made:
            self._ledger.record_created(number, own)
        if not made:
            self._ledger.record_refused(number, 0)

    def _delete(self, own: Own) -> None:
        """What the target has called deleted is looked at first: its id may have been given to somebody's record."""
        if own.path in self._ledger.claimed and not self._is_still_ours(own):
            return
        answer = self._ask("DELETE", own.path)
        if answer is None or not (answer.ok or answer.status_code in GONE):
            self._why[own.path] = "no answer" if answer is None else f"the DELETE answered {answer.status_code}"
        elif self._look(own) is Sight.GONE:
            self._ledger.record_deleted(own.path)
        else:
            self._why[own.path] = f"still there after a DELETE that answered {answer.status_code}"

    def _is_still_ours(self, own: Own) -> bool:
        match self._look(own):
            case Sight.GONE:
                self._ledger.record_deleted(own.path)
            case Sight.STRANGE:
                self._strange.add(own.path)
                self._why[own.path] = "called deleted, and now a record without the mark of the run"
            case Sight.UNCLEAR:
                self._why[own.path] = "called deleted, and it cannot be read"
            case Sight.OURS:
                return True
        return False

    def _look(self, own: Own) -> Sight:
        answer = self._ask("GET", own.path)
        if answer is not None and answer.status_code == 405:  # there is no reading of a single one
            return self._look_in_list(own)
        if answer is None:
            return Sight.UNCLEAR
        if answer.status_code in GONE:
            return Sight.GONE
        if not answer.ok or CUT in answer.headers:
            return Sight.UNCLEAR
        return Sight.OURS if self._ledger.mark in answer.text else Sight.STRANGE

    def _look_in_list(self, own: Own) -> Sight:
        """A record below one of ours, which has no name to carry the mark."""
        collection, _, last = own.path.rpartition("/")
        answer = self._ask("GET", collection + "?_limit=1000")
        rows = _json(answer) if answer is not None else None
        if answer is not None and answer.status_code in GONE:
            return Sight.GONE
        if not isinstance(rows, list):
            return Sight.UNCLEAR
        ids = [str(row.get("id")) for row in rows if isinstance(row, dict)]
        return Sight.OURS if last in ids else Sight.GONE

    def _ask(self, method: str, path: str, **headers: str) -> requests.Response | None:
        """The answer of the target itself: no redirect counts, and no refusal of the guard."""
        sent = self._headers | headers
        try:
            answer = self._session.request(method, self._base + path, headers=sent, allow_redirects=False)
        except requests.RequestException:
            return None
        return None if answer.is_redirect or REFUSED in answer.headers else answer


def _json(answer: requests.Response) -> Any:
    try:
        return answer.json()
    except ValueError:
        return None
