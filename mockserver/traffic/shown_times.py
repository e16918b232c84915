"""Times of records, answer by answer: they have to change when those of the replay do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.contract.document import Pointer
from mockserver.traffic.generated_values import INSTANT

_Record = tuple[str, str]  # its collection and its key
_View = Mapping[str, Any]


class ShownTimes:
    """The last views of each record, one for each schema that shows it, and the times that were found odd."""

    def __init__(self) -> None:
        self._last: dict[tuple[_Record, Pointer], tuple[_View, _View]] = {}
        self._odd: dict[tuple[_Record, str], str] = {}

    def odd(self, record: _Record, schema: Pointer, recorded: _View, answered: _View) -> set[str]:
        """Returns the members with a time that has changed since the last view, or has stayed, unlike in the replay."""
        last, self._last[record, schema] = self._last.get((record, schema)), (recorded, answered)
        times = _times_of(recorded)
        if last is not None:
            earlier = _times_of(last[0])
            for name in times.keys() & earlier.keys():
                has_stayed, should_stay = times[name] == earlier[name], answered.get(name) == last[1].get(name)
                self._odd |= {(record, name): times[name]} if has_stayed != should_stay else {}
        return {name for name, value in times.items() if self._odd.get((record, name)) == value}


def _times_of(view: _View) -> dict[str, str]:
    """Returns times with a fraction that is not zero: others may be rounded, so that two changes have the same one."""
    texts = {name: value for name, value in view.items() if isinstance(value, str)}
    found = {name: INSTANT.fullmatch(text) for name, text in texts.items()}
    return {name: texts[name] for name, parts in found.items() if parts and (parts[1] or "").strip(".0")}
