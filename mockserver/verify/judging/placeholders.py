"""Placeholders in the requests of a reproduction: for what differs each time, such as the keys of created records."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from mockserver.verify.watching.exchange_log import ExchangeLog, LoggedExchange


@dataclass(frozen=True)
class Names:
    """What differs from run to run: the mark, and the values of headers by the placeholder that stands for them."""

    mark: str
    workspace: str
    keys: dict[str, str]
    # Members of bodies that name other records, with the collections of these.
    references: Mapping[str, Collection[str]] = field(default_factory=dict)

    def is_reference(self, name: str, value: Any, creation: LoggedExchange, member: str) -> bool:
        """True if a member or query parameter named `name` has the value that a created record has in this member."""
        known = creation.values[member]
        if isinstance(value, str) and self.mark in value:
            return bool(value == known)
        # Records of another collection may have the same id.
        collection = creation.template.rpartition("/")[0]
        is_of_kind = name in self.references and (not collection or collection in self.references[name])
        return is_of_kind and not isinstance(value, bool) and str(value) == str(known)


class Placeholders:
    """Replaces values by placeholders. `places` are the numbers of steps by those of the log.

    `number` is the place of a request in the log: it can name only records that were created before.
    """

    def __init__(self, log: ExchangeLog, names: Names, places: dict[int, int]) -> None:
        self._log, self._names, self._places = log, names, places

    def path(self, path: str, number: int) -> str:
        """Returns a path with placeholders for the keys of created records."""
        segments = path.split("/")
        written = list(segments)
        for length in range(2, len(segments) + 1):
            place = "/".join(segments[:length])
            creation = self._log.creation_of(place, number) or self._creation_elsewhere(place, number)
            if creation and creation.request.number in self._places and creation.key:
                written[length - 1] = f"<<{creation.key}_{self._places[creation.request.number]}>>"
        return self._marked("/".join(written))

    def _creation_elsewhere(self, path: str, number: int) -> LoggedExchange | None:
        """Returns the creation of a record with the key at the end of a path, below another parent."""
        template, key = self._log.template_of(path), path.rpartition("/")[2]
        known = [one for one in self._log.created_before(number) if one.request.number in self._places]
        alike = [one for one in known if one.key and one.template == template and str(one.values.get(one.key)) == key]
        return alike[-1] if alike and template else None

    def query(self, query: str, number: int) -> str:
        """Returns a query with placeholders."""
        parts = [part.partition("=") for part in query.split("&")]
        return "&".join(f"{name}{sign}{self.fill(value, number, name)}" for name, sign, value in parts)

    def _reference(self, name: str, value: Any, number: int) -> str:
        """Returns the placeholder for the key of a created record; empty for another value."""
        for entry in reversed([one for one in self._log.created_before(number) if one.request.number in self._places]):
            for member in entry.values:
                if self._names.is_reference(name, value, entry, member):
                    return f"<<{'#' if isinstance(value, int) else ''}{member}_{self._places[entry.request.number]}>>"
        return ""

    def fill(self, value: Any, number: int, name: str = "") -> Any:
        """Copies a value with placeholders; `name` is the member that has it."""
        if isinstance(value, dict):
            return {self._marked(n): self.fill(part, number, n) for n, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.fill(part, number, name) for part in value]
        if isinstance(value, (str, int)) and not isinstance(value, bool):
            known = self._reference(name, value, number)
            return known or (self._marked(value) if isinstance(value, str) else value)
        return value

    def _marked(self, text: str) -> str:
        return text.replace(self._names.mark, "<<mark>>")

    def header(self, name: str, value: str) -> str:
        """Returns the value of a header, keys and the workspace as placeholders."""
        known = (f"<<{variable}>>" for variable, key in self._names.keys.items() if key == value)
        if name == "x-api-key":
            return next(known, value)
        return "<<workspace>>" if name == "en-workspace" and value == self._names.workspace else self._marked(value)
