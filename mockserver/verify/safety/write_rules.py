"""The rules for writes: which methods a mode allows, and which records a run may change."""

from __future__ import annotations

from collections.abc import Callable

import requests

from mockserver.verify.safety.bounded_transport import parse_json
from mockserver.verify.safety.creations import is_ambiguous
from mockserver.verify.safety.ledger import OwnRecord, names_in
from mockserver.verify.safety.limits import READS, Mode
from mockserver.verify.safety.ownership import RecordState
from mockserver.verify.safety.run_scope import RunScope

# With one of these, some servers treat a GET as the named method.
_METHOD_OVERRIDES = ("x-http-method-override", "x-http-method", "x-method-override")


class WriteRules:
    """The rules of one run. `protects` explains what `full` does not send; `disown` gives up a record of others."""

    def __init__(
        self,
        scope: RunScope,
        protects: Callable[[requests.PreparedRequest, str], str],
        disown: Callable[[OwnRecord, str], None],
    ) -> None:
        self._scope, self._protects, self._disown = scope, protects, disown

    def objection(self, request: requests.PreparedRequest, path: str) -> str:
        """Explains why a request to a path of the contract may not be sent; empty if it may."""
        if self._scope.creations.made_by(request, path) and self._scope.ledger.holds_secret(path):
            return "a creation below a name that contains a secret"
        # Before the rules for methods: `full` may send any of them.
        if self._scope.mode is Mode.FULL:
            return self._protects(request, path)
        if any(name in request.headers for name in _METHOD_OVERRIDES):
            return "a header that changes the method"
        if request.method in READS:
            return ""
        if self._scope.mode is Mode.READ_ONLY:
            return f"{request.method} in read-only"
        return self._objection_to_write(request, path)

    def _objection_to_write(self, request: requests.PreparedRequest, path: str) -> str:
        if is_ambiguous(path):
            return "a write to an ambiguous path"
        creation = self._scope.creations.made_by(request, path)
        record = self._record_at(path) if creation is None else creation.parent(path)
        own = self._scope.ledger.own.get(record or "")
        if creation is None and own is None:
            return f"{request.method} on a record that is not ours"
        if record is not None and own is None:
            return "a creation below a record that is not ours"
        if any(self._scope.ledger.mark not in text for text in names_in(parse_json(request.body)).values()):
            return "a creation without the mark" if creation else "a change that removes the mark"
        if own and not self._scope.covers(request):
            return "a write in another workspace"
        return self._objection_to_owner(own) if own else ""

    def _record_at(self, path: str) -> str | None:
        """Returns the path of the innermost record that a path names: that of a creation, whose key must be ours."""
        segments = path.split("/")
        beginnings = ("/".join(segments[:length]) for length in range(len(segments), 1, -1))
        return next(filter(self._scope.creations.of_record, beginnings), None)

    def _objection_to_owner(self, own: OwnRecord) -> str:
        """Explains why nothing may be written to a record, which has to be proved to be ours before; else empty."""
        sight, is_claimed = self._scope.ownership.prove(own), own.path in self._scope.ledger.claimed
        if sight.state is RecordState.OURS or (sight.state is RecordState.GONE and is_claimed):
            return ""
        if sight.state is not RecordState.UNKNOWN and not is_claimed:
            self._disown(own, sight.why)
        return f"a write to a record that is not proved to be ours: {sight.why}"
