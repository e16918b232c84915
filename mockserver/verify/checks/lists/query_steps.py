"""Steps that ask a list for a record: a filter and a search have to find what was written, some time later too."""

from __future__ import annotations

import json
import time
from typing import Any

from mockserver.verify.checks.lists.filters import (
    SEARCHED_IN,
    Query,
    declared_filters,
    describe_query,
    free_members,
    query_text,
)
from mockserver.verify.judging.assertions import contains_value
from mockserver.verify.probe import MOST, Probe
from mockserver.verify.received import Answers, Keys, Received, Record, show
from mockserver.verify.resources import Resource

LONGEST_SEARCH = 40  # characters
FINDS_WRITTEN = "query_finds_what_was_written"
INDEX_DELAY = 1  # second, after which the index of a search has to have what was written


def ask_before(probe: Probe, resource: Resource, keys: Keys, name: str, value: Any) -> list[Received]:
    """Asks a list for a value that a write is to set: what a target keeps of the answers must not outlast the write."""
    above = {key: keys[key] for key in resource.parent_keys}
    queries = _queries(resource, {name: value}, name, value if name in SEARCHED_IN else None)
    return [probe.call(resource.listing, above, query | {"_limit": MOST}) for query in queries]


def check_queries(
    probe: Probe,
    resource: Resource,
    keys: Keys,
    writes: list[Received],
    shown: Record,
    name: str,
    before: Record,
    asked: Answers,
) -> None:
    """Checks that a filter and a search find a record by the value that the last of some writes has given to a member.

    In an object that is searched, each write may have set another key. `asked` are the answers before the writes.
    """
    write, value, above = writes[-1], shown.get(name), {key: keys[key] for key in resource.parent_keys}
    text = value if name in SEARCHED_IN else None
    if name in free_members(probe, resource):
        write, text = _last_new_text(writes, name, value, before.get(name))
    queries = _queries(resource, shown, name, text)
    # Where none is found, to wait for each would take long.
    for query in queries if not probe.has_reported(resource.listing, FINDS_WRITTEN) else ():
        answer = find_later(probe, resource, above, query, shown)
        if lacks_record(answer, shown):
            received = f"{len(answer.records)} records{describe_query(query)}, without {show(shown.get('id'))}"
            expected = answer.expects(contains_value, ("*", "id"), write.member("id"), after=[*asked, write])
            documented = f"the record too: its {name} has been set to {json.dumps(value)[:80]}"
            probe.report(resource.listing, FINDS_WRITTEN, answer, received, documented, expected)
            return


def _queries(resource: Resource, record: Record, name: str, text: Any) -> list[Query]:
    """Returns the filters by the value of a member in a record, and the search for a text."""
    wanted = [one.value_of(record) for one in declared_filters(resource.listing) if one.name == name]
    queries: list[Query] = [{name: query_text(part)} for part in wanted if part is not None]
    if resource.accepts("_q") and isinstance(text, str):
        queries.append({"_q": text[:LONGEST_SEARCH].strip()})
    return queries


def _last_new_text(writes: list[Received], name: str, shown: Any, before: Any) -> tuple[Received, str | None]:
    """Returns the last write that has set a key of an object to a text that shows now and did not before, with that."""
    for write in reversed(writes) if isinstance(shown, dict) and isinstance(before, dict) else ():
        sent = json.loads(write.request.body or b"{}").get(name) or {}
        new = [key for key, text in sent.items() if isinstance(text, str) and shown.get(key) == text != before.get(key)]
        if new:
            return write, max((sent[key] for key in new), key=len)
    return writes[-1], None


def find_later(probe: Probe, resource: Resource, keys: Keys, query: Query, record: Record) -> Received:
    """Requests a list in which a record has to be, once more after a second without it: an index may lag."""
    answer = probe.call(resource.listing, keys, query | {"_limit": MOST})
    if lacks_record(answer, record):
        time.sleep(INDEX_DELAY)
        answer = probe.call(resource.listing, keys, query | {"_limit": MOST})
    return answer


def lacks_record(answer: Received, record: Record) -> bool:
    """True for a whole list without a record."""
    # An id of another type is a fault of its own.
    ids = [str(row.get("id")) for row in answer.records]
    return answer.ok and len(ids) < MOST and str(record.get("id")) not in ids
