"""Steering of generated cases: writes go to own records, and creations carry the mark. The guard refuses the rest."""

from __future__ import annotations

import copy
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.walk import properties_of
from mockserver.verify.safety.creations import Creations
from mockserver.verify.safety.ledger import NAMES, Ledger, OwnRecord, is_at_or_below
from mockserver.verify.safety.limits import READS

KEPT_RECORDS = 1  # per collection, which no generated DELETE may take: the cases after it need one


class CaseSteering:
    """Changes a case of Schemathesis before it is sent. With `redirects` off (`full`) it only adds the mark."""

    def __init__(self, document: Document, ledger: Ledger, creations: Creations, *, redirects: bool = True) -> None:
        self._document, self._ledger, self._creations, self._redirects = document, ledger, creations, redirects
        self._by_record = {creation.record: creation for creation in creations}

    def __call__(self, case: Any) -> None:
        """Gives a write the path keys of an own record, and the names in its body the mark."""
        if case.method.upper() in READS:
            return
        if self._redirects and case.path_parameters and (own := self._own_record_for(case)):
            case.path_parameters.update({name: own.keys[name] for name in case.path_parameters if name in own.keys})
        names_a_record = self._creations.by_template(case.path) or case.path in self._by_record
        if names_a_record and isinstance(case.body, dict):
            case.body = self._marked(case)

    def _own_record_for(self, case: Any) -> OwnRecord | None:
        """The newest own record at or above the path of the case."""
        candidates = [r for r in self._by_record if is_at_or_below(case.path, r)]
        if not candidates:
            return None
        creation = self._by_record[max(candidates, key=len)]
        records = self._ledger.in_collection(creation.collection)
        is_delete = case.method.upper() == "DELETE" and case.path == creation.record
        return records[-1] if len(records) > (KEPT_RECORDS if is_delete else 0) else None

    def _marked(self, case: Any) -> dict[str, Any]:
        body: dict[str, Any] = copy.copy(case.body)
        longest = self._longest_names(case)
        for name in NAMES:
            text = body.get(name)
            if isinstance(text, str) and text.strip() and self._ledger.mark not in text:
                body[name] = _add_mark(self._ledger.mark, name, text, longest.get(name))
        return body

    def _longest_names(self, case: Any) -> dict[str, int]:
        """The `maxLength` of each member of the request body that has one."""
        operation = self._document.raw["paths"][case.path].get(case.method.lower(), {})
        content = self._document.resolve(operation.get("requestBody", {})).get("content") or {"": {}}
        schema = next(iter(content.values())).get("schema", {})
        members = {n: self._document.resolve(part) for n, part in properties_of(self._document, schema).items()}
        return {name: part["maxLength"] for name, part in members.items() if "maxLength" in part}


def _add_mark(mark: str, name: str, text: str, longest: int | None) -> str:
    separator = {"slug": "-", "email": "."}.get(name, " ")
    # A text that is too long on purpose stays too long: the case tests exactly that.
    if longest is None or len(text) > longest:
        return f"{mark}{separator}{text}"
    return f"{mark}{separator}{text}"[:longest].rstrip(separator)
