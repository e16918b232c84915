"""Requests of a replay: recorded ones with the key, the ids and the references of the replay."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode

import httpx

from mockserver.contract.document import Document, Pointer
from mockserver.contract.operations import Operation, base_path
from mockserver.contract.yaml_text import leaves
from mockserver.judging import schema_places
from mockserver.judging.call_matcher import CallMatcher
from mockserver.judging.recorded_calls import BROKEN, RecordedCall
from mockserver.secrets import MASK
from mockserver.traffic.fidelity import NamedRecord
from mockserver.traffic.generated_values import TARGETS, GeneratedValues, Kind
from mockserver.traffic.view_walk import ViewWalk

# Headers of the recorded connection and of its client.
_NOT_SENT = ("host", "content-length", "connection", "accept-encoding", "transfer-encoding", "cookie", "authorization")


@dataclass(frozen=True)
class ReplayableCall:
    """A recorded call with its operation."""

    call: RecordedCall
    operation: Operation

    @property
    def key(self) -> str:
        """The recorded key, or what stands for it; empty without one."""
        headers = self.call.request_headers
        return headers.get("x-api-key") or headers.get("authorization") or ""


class ReplayRequests:
    """Makes the requests of one contract."""

    def __init__(self, document: Document, matcher: CallMatcher, walk: ViewWalk) -> None:
        self._document, self._matcher, self._walk = document, matcher, walk
        self.collections = walk.collections(matcher)

    def make(
        self, client: httpx.AsyncClient, replayable: ReplayableCall, keys: dict[str, str], values: GeneratedValues
    ) -> httpx.Request:
        """Returns the request of a call; `keys` are those of the replay by recorded ones."""
        call = replayable.call
        headers = {n: v for n, v in call.request_headers.items() if n not in _NOT_SENT and not n.startswith(":")}
        headers = {name: value for name, value in headers.items() if value != MASK or name == "x-api-key"}
        # Of a refused call, the recording may not say that its key was another one.
        is_refused = call.status == 401 and replayable.key in ("", MASK)
        if replayable.key in keys and not is_refused:
            headers["x-api-key"] = keys[replayable.key]
        path, query = self._path(replayable, values), self._query(replayable, values)
        url = f"{path}?{query}" if query else path
        return client.build_request(call.method, url, headers=headers, content=self._body(replayable, values))

    def named(self, replayable: ReplayableCall) -> Iterator[NamedRecord]:
        """Yields the records that a call names, in its path, query or body, as they were recorded."""
        segments = self._matcher.inner_path(replayable.call.path).split("/")
        yield from (NamedRecord(kind.table, unquote(segments[n])) for n, kind in self._keys(replayable.operation))
        body = replayable.call.request.json if replayable.call.request.text else None
        for name, value in (*parse_qsl(replayable.call.query), *leaves(body)):
            if value is not None and name in TARGETS:
                yield NamedRecord(TARGETS[name], str(value))

    def _keys(self, operation: Operation) -> Iterator[tuple[int, Kind]]:
        """Yields the places of keys in the path of an operation, and what they name."""
        own = base_path(self._document)
        template = operation.path.removeprefix(own).split("/")
        for number, name in enumerate(template):
            table = self.collections.get(own + "/".join(template[:number]), "")
            if table and name.startswith("{"):
                yield number, Kind(table, "reference" if name == "{reference}" else "id")

    def _path(self, replayable: ReplayableCall, values: GeneratedValues) -> str:
        segments = self._matcher.inner_path(replayable.call.path).split("/")
        for number, kind in self._keys(replayable.operation):
            segments[number] = str(values.replayed(kind, segments[number]))
        return base_path(self._document) + "/".join(segments)

    def _query(self, replayable: ReplayableCall, values: GeneratedValues) -> str:
        path, query = replayable.operation.path, replayable.call.query
        # A count is below its list.
        table = self.collections.get(path) or self.collections.get(path.rpartition("/")[0], "")
        kinds = {name: Kind(target, "id") for name, target in TARGETS.items()} | {
            name: Kind(table, name) for name in ("id", "reference") if table
        }
        pairs = parse_qsl(query, keep_blank_values=True)
        sent = [(n, values.replayed(kinds[n], v) if n in kinds else v) for n, v in pairs]
        return query if sent == pairs else urlencode(sent)

    def _body(self, replayable: ReplayableCall, values: GeneratedValues) -> bytes:
        recorded = replayable.call.request
        if not recorded.is_json or not recorded.text or recorded.json is BROKEN:
            return (recorded.text or "").encode()
        body = _with_replayed(recorded.json, "", values)
        place = self._matcher.request_place(replayable.operation)
        if MASK in recorded.text and place is not None:
            body = self._with_examples(body, [place])
        return json.dumps(body, ensure_ascii=False).encode()

    def _with_examples(self, value: Any, places: list[Pointer]) -> Any:
        """Copies a body with examples of the contract in place of the secrets that were not recorded.

        `places` are those of its possible schemas.
        """
        views = [self._walk.view(place) for place in places]
        if isinstance(value, dict):
            parts = [schema_places.members(self._document, part) for view in views for part in view.parts]
            return {
                name: self._with_examples(inner, [part[name] for part in parts if name in part])
                for name, inner in value.items()
            }
        examples = (self._document.at(view.place).get("example") for view in views)
        return next(filter(None, examples), value) if value == MASK else value


def _with_replayed(value: Any, name: str, values: GeneratedValues) -> Any:
    """Copies a body with the ids of the replay."""
    if isinstance(value, dict):
        return {key: _with_replayed(inner, key, values) for key, inner in value.items()}
    if isinstance(value, list):
        return [_with_replayed(inner, name, values) for inner in value]
    is_id = name in TARGETS and isinstance(value, int) and not isinstance(value, bool)
    return values.replayed(Kind(TARGETS[name], "id"), value) if is_id else value
