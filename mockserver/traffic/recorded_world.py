"""Collector of the records that the calls of recordings have shown, created, changed and deleted."""

from __future__ import annotations

from collections import Counter
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation
from mockserver.fixture_files.observed_records import ObservedRecords
from mockserver.judging.call_classifier import ELSEWHERE, FROM_FAULT
from mockserver.judging.call_matcher import CallMatcher
from mockserver.judging.recorded_calls import BROKEN, RecordedCall
from mockserver.secrets import NO_SECRETS
from mockserver.state.table import Record
from mockserver.traffic.personal_data import PersonalData
from mockserver.traffic.recorded_keys import RecordedKeys
from mockserver.traffic.view_walk import ViewWalk

NAMELESS = "a record without an id or of an unknown workspace"


class RecordedWorld:
    """The records of recordings, whose calls are added in the order in which they were made.

    Values of calls that are not masked are replaced by `personal`, if that is given. `at_start`, the records are those
    before the first call, else those after the last one.
    """

    def __init__(
        self, document: Document, prefix: str | None, personal: PersonalData | None, *, at_start: bool = False
    ) -> None:
        self._matcher, self._walk, self._personal = CallMatcher(document, prefix), ViewWalk(document), personal
        self._at_start, self._first_change = at_start, ""
        self.records, self.keys = ObservedRecords(at_start=at_start), RecordedKeys()
        self.used, self.set_aside = 0, Counter[str]()
        self._collections = self._walk.collections(self._matcher)

    def note_things(self, call: RecordedCall) -> None:
        """Notes slugs and references before the first replacement: one may be named before it is seen as one."""
        operation = self._matcher.match(call.method, call.path)
        if self._personal is not None and operation is not None and call.answer.is_json and call.answer.text:
            self._personal.note_things(call.answer.json, self._matcher.nearest_body_place(operation, call.status))

    def add(self, call: RecordedCall) -> None:
        """Adds what a call shows."""
        operation = self._matcher.match(call.method, call.path)
        if operation is None or call.headers.get("x-mock-source") == "fault":
            self.set_aside[ELSEWHERE if operation is None else FROM_FAULT] += 1
            return
        place = self._matcher.nearest_body_place(operation, call.status)
        body = call.answer.json if call.answer.is_json and call.answer.text else BROKEN
        # Recordings of other programs have secrets in clear text. Records at the start never leave this process, and
        # answers that show them are compared with those of the recording.
        if not self._at_start and body is not BROKEN:
            body = NO_SECRETS.mask(body)
        if self._personal is not None and not call.is_masked and body is not BROKEN:
            body = self._personal.replace(body, place)
        self.keys.note(call, operation, body, self._around(call).get("workspace", ""))
        if not 200 <= call.status < 300:
            self.set_aside["refusals and failures"] += 1
            return
        around = self._around(call)
        # At the start, a type that only a path names after the first change may have been created since.
        if around.keys() >= {"workspace", "item_type"} and not (self._at_start and self._first_change):
            self.records.ensure("types", (around["workspace"], around["item_type"]), around)
        self.used += 1
        self.records.answers += 1
        self.records.creating = self._collections.get(operation.path, "") if operation.method == "POST" else ""
        self._first_change = self._first_change or change_of(call, body)
        self._note_action(call, operation, around)
        if body is not BROKEN and place is not None:
            self._walk.walk(body, self._walk.view(place), around, self._see)

    def finish(self) -> None:
        """Leaves out what the calls have created, at the start."""
        if self._at_start and self._first_change:
            self.records.drop_since(self._first_change)

    def _around(self, call: RecordedCall) -> Record:
        """What the records in an answer have in common: the workspace, and the type in the path."""
        workspace = call.request_headers.get("en-workspace", "")
        around = {"workspace": self._slug(call, workspace), "item_type": self._path_keys(call).get("slug")}
        return {name: value for name, value in around.items() if value}

    def _path_keys(self, call: RecordedCall) -> dict[str, str]:
        keys = self._matcher.path_keys(call.method, call.path)
        return {name: self._slug(call, key) for name, key in keys.items()}

    def _slug(self, call: RecordedCall, text: str) -> str:
        """A slug or a reference outside of a body as bodies have it."""
        is_replaced = self._personal is not None and not call.is_masked and text and not text.isdecimal()
        return self._personal.slug(text) if is_replaced and self._personal else text

    def _see(self, table: str, view: Record, around: Record) -> Record:
        try:
            return self.records.see(table, view, around)
        except (KeyError, TypeError, ValueError):
            self.set_aside[NAMELESS] += 1
            return around

    def _note_action(self, call: RecordedCall, operation: Operation, around: Record) -> None:
        """Notes what a call has done to records that its answer does not show."""
        keys = self._path_keys(call)
        sent = call.request.json if call.request.text else None
        users = sent.get("users", []) if isinstance(sent, dict) else []
        match operation.id:
            case "addMemberGroupUsers" | "removeMemberGroupUsers":
                self._change_group(int(keys["groupId"]), users, is_added=operation.method == "POST")
            case "updateType" if call.answer.is_json and isinstance(answer := call.answer.json, dict):
                after = self._slug(call, str(answer.get("slug")))
                self.records.rename_type(around.get("workspace", ""), keys["slug"], after)
            case "updateMember" if isinstance(sent, dict) and call.answer.is_json:
                self._note_compatibility(int(keys["memberId"]), sent, call.answer.json)
            case "deleteWorkspace":
                self.records.delete("workspaces", around.get("workspace"))
            case _ if operation.method == "DELETE":
                self._delete(operation, list(keys.values())[-1], around)

    def _change_group(self, id: int, users: list[int], *, is_added: bool) -> None:
        group = self.records.get("mgroups", id)
        if not self._at_start and group is not None and isinstance(present := group.get("users"), list):
            others = [user for user in present if user not in users]
            group.members["users"] = others + (users if is_added else [])

    def _note_compatibility(self, id: int, sent: Record, answer: Any) -> None:
        """Notes a member that takes no role: it was added in v1 mode, which no answer shows."""
        member, is_without = self.records.get("members", id), isinstance(answer, dict) and answer.get("role") is None
        if member is not None and sent.get("role") and is_without and "v1_compatibility" not in sent:
            member.members.setdefault("v1", True)

    def _delete(self, operation: Operation, key: str, around: Record) -> None:
        table = self._collections.get(operation.path.rpartition("/")[0], "")
        if table == "types":
            self.records.delete(table, (around.get("workspace"), key))
        elif table == "items":
            for item in self.records.of(table, reference=key, workspace=around.get("workspace")):
                self.records.delete(table, item.key)
        elif table and key.isdecimal():
            self.records.delete(table, int(key))


def change_of(call: RecordedCall, body: Any) -> str:
    """Returns the instant of the change that a call has made, as its answer shows it; empty if it shows none."""
    member = {"POST": "created_at", "PUT": "updated_at"}.get(call.method, "")
    stamp = body.get(member) if isinstance(body, dict) else None
    return stamp if isinstance(stamp, str) else ""
