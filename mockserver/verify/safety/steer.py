"""Leads Schemathesis' writes to records of this run, and marks what it creates. The guard refuses the rest."""

from __future__ import annotations

import copy
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.walk import properties_of
from mockserver.verify.safety.ledger import Ledger, Own
from mockserver.verify.safety.request_guard import NAMES, READS
from mockserver.verify.safety.undo import Creation

KEPT = 1  # so many records of a collection no case may delete


class Steer:
    """Changes a case before it is sent; called for every one of them. Where all is allowed, it only marks."""

    def __init__(
        self, document: Document, ledger: Ledger, creations: dict[str, Creation], *, leads: bool = True
    ) -> None:
        self._document, self._ledger, self._creations, self._leads = document, ledger, creations, leads
        self._by_record = {creation.record: creation for creation in creations.values()}

    def __call__(self, case: Any) -> None:
        """A write that has path keys gets those of an own record; a creation gets the mark into its names."""
        if case.method.upper() in READS:
            return
        if self._leads and case.path_parameters and (own := self._own_for(case)):
            case.path_parameters.update({name: own.keys[name] for name in case.path_parameters if name in own.keys})
        names_a_record = case.path in self._creations or case.path in self._by_record
        if names_a_record and isinstance(case.body, dict):
            case.body = self._marked(case)

    def _own_for(self, case: Any) -> Own | None:
        """The newest record of ours that the path can lead to or below; a DELETE leaves one."""
        candidates = [record for record in self._by_record if _leads_below(case.path, record)]
        if not candidates:
            return None
        creation = self._by_record[max(candidates, key=len)]
        stock = self._ledger.in_collection(creation.collection)
        deletes_it = case.method.upper() == "DELETE" and case.path == creation.record
        return stock[-1] if len(stock) > (KEPT if deletes_it else 0) else None

    def _marked(self, case: Any) -> dict[str, Any]:
        body: dict[str, Any] = copy.copy(case.body)
        longest = self._longest(case)
        for name in NAMES:
            text = body.get(name)
            if isinstance(text, str) and text.strip() and self._ledger.mark not in text:
                body[name] = _with_mark(self._ledger.mark, name, text, longest.get(name))
        return body

    def _longest(self, case: Any) -> dict[str, int]:
        written = self._document.raw["paths"][case.path].get(case.method.lower(), {})
        content = self._document.resolve(written.get("requestBody", {})).get("content") or {"": {}}
        schema = next(iter(content.values())).get("schema", {})
        members = {n: self._document.resolve(part) for n, part in properties_of(self._document, schema).items()}
        return {name: part["maxLength"] for name, part in members.items() if "maxLength" in part}


def _leads_below(path: str, record: str) -> bool:
    return path == record or path.startswith(record + "/")


def _with_mark(mark: str, name: str, text: str, longest: int | None) -> str:
    between = {"slug": "-", "email": "."}.get(name, " ")
    if longest is None or len(text) > longest:  # what is too long stays too long
        return f"{mark}{between}{text}"
    return f"{mark}{between}{text}"[:longest].rstrip(between)
