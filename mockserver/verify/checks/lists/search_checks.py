"""Promises of searches, and of queries that no careful client sends."""

from __future__ import annotations

import re
from string import ascii_lowercase

from mockserver.contract.promises import MemberPath, value_at, with_value
from mockserver.text import count_of
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.lists.count_checks import check_count
from mockserver.verify.checks.lists.filter_checks import check_filtered_search, check_sorted_search
from mockserver.verify.checks.lists.filters import SEARCHED_IN, searched_in
from mockserver.verify.checks.lists.query_steps import find_later, lacks_record
from mockserver.verify.checks.writes.samples import sample_body
from mockserver.verify.judging.assertions import contains_value, holds, rows_contain
from mockserver.verify.probe import Probe
from mockserver.verify.received import Keys, Record, show
from mockserver.verify.resources import Resource
from mockserver.verify.safety.limits import WRITING

# Behind another letter: a search is for a part of a text, not only for its beginning.
WORD = re.compile(r"(?<=\w)[A-Za-z]{3,}")
ACCENTED = re.compile(r"[^\W\d_]*[À-ÿ][^\W\d_]*")
# Quotes end a text in SQL, `%` and `_` are wildcards there, `\\` escapes.
SIGNS = ("'\"\\", "%", "_")
# Accents, and signs that a query may lose.
OWN_TEXT = "ção C++ & 9%"
# Just too large for the integers of common databases and languages.
LARGE_NUMBERS = (2**31, 2**63)
LETTER = "a"  # that most texts have, those of other workspaces too
FINDS = "search_finds_in_any_case"


def search_leaves_what_holds_the_text(probe: Probe) -> None:
    """A search finds only records with its text: unknown after a known word, or a sign that databases interpret."""
    for resource, keys in probe.lists("_q", most=1):
        word = _word_in(probe.first_list(resource, keys), searched_in(probe, resource, keys))[1]
        for text in (f"{word} zq{probe.mark}qz".strip(), *SIGNS):
            response = probe.call(resource.listing, keys, {"_q": text})
            without = [record for record in response.records if not holds(record, text)]
            if without:
                rows, key = count_of(len(response.records), "record"), show(without[0].get("id"))
                received = f"{rows} for {show(text)}, the record {key} without it"
                documented, expected = f"only records that contain {show(text)}", response.expects(rows_contain, text)
                promise = "search_leaves_what_holds_the_text"
                probe.report(resource.listing, promise, response, received, documented, expected)


def search_finds_in_any_case(probe: Probe) -> None:
    """A search for a word of a record finds and counts the record, in upper and lower case, and with a filter."""
    for resource, keys in probe.lists("_q"):
        known, paths = probe.first_list(resource, keys), searched_in(probe, resource, keys)
        record, word = _word_in(known, paths)
        found, _ = (_check_found(probe, resource, keys, record, text) for text in (word, word.swapcase()))
        if word:
            check_sorted_search(probe, resource, keys, word, found)
            check_filtered_search(probe, resource, keys, _widest_text(known, paths))
            check_count(probe, resource, keys, {"_q": LETTER})
        record, word = _word_in(known, paths, ACCENTED)
        # Own texts with accents are searched for below.
        for text in (word, word.swapcase()) if resource.create is None or probe.mode not in WRITING else ():
            _check_found(probe, resource, keys, record, text)


@for_each_resource
def search_finds_own_text(probe: Probe, resource: Resource) -> None:
    """A search finds a record of the run by a part of a text that has accents, signs and a digit."""
    create = resource.create
    if create is None or not resource.accepts("_q") or not probe.is_selected(create):
        return
    keys, body = sample_body(probe, create) or ({}, {})
    paths: list[MemberPath] = [(name,) for name in SEARCHED_IN[:2]]
    paths += [(name, key) for name, part in body.items() if isinstance(part, dict) for key in part]
    for path in (path for path in paths if isinstance(value_at(body, path), str)):
        # How letters with accents compare in upper case depends on the collation of the target.
        sent = with_value(body, path, f"{value_at(body, path)} a{OWN_TEXT}")
        record = probe.call(create, keys, body=sent).record
        if str(value_at(record, path)).endswith(OWN_TEXT):
            _check_found(probe, resource, keys, record, OWN_TEXT)


def _check_found(probe: Probe, resource: Resource, keys: Keys, record: Record, text: str) -> list[Record]:
    """Checks that a search finds the record; returns what it finds."""
    # Records may have no such text; and where none is found, to wait for each would take long.
    if not text or probe.has_reported(resource.listing, FINDS):
        return []
    response = find_later(probe, resource, keys, {"_q": text}, record)
    if lacks_record(response, record) and record in probe.list_records(resource, keys):
        received = f"{len(response.records)} records for {show(text)}, without the record {show(record['id'])}"
        documented = f"the record {show(record['id'])} too, which contains {show(text)} in any case"
        expected = response.expects(contains_value, ("*", "id"), record["id"])
        probe.report(resource.listing, FINDS, response, received, documented, expected)
    else:
        check_count(probe, resource, keys, {"_q": text}, listed=response)
    return response.records


def _word_in(records: list[Record], paths: list[MemberPath], form: re.Pattern[str] = WORD) -> tuple[Record, str]:
    """Returns the first record with a word of this form, and the word."""
    for record in records:
        for text in (value_at(record, path) for path in paths if "id" in record):
            if isinstance(text, str) and (found := form.search(text)):
                return record, found[0]
    return {}, ""


def _widest_text(records: list[Record], paths: list[MemberPath]) -> str:
    """Returns the word or letter that most records have."""
    values = ([value_at(record, path) for path in paths] for record in records)
    texts = [" ".join(value for value in row if isinstance(value, str)).lower() for row in values]
    words = [str(found[0]) for text in texts for found in WORD.finditer(text)]
    found_in: dict[str, int] = {one: sum(one in text for text in texts) for one in (*words, *ascii_lowercase)}
    return max(found_in, key=lambda one: found_in[one])


def odd_queries_are_answered_in_form(probe: Probe) -> None:
    """Sends huge numbers and a long text with an emoji; Schemathesis validates the responses."""
    for resource, keys in probe.lists(most=1):
        for number in LARGE_NUMBERS:
            probe.call(resource.listing, keys, {"_start": number})
        if resource.accepts("_q"):
            probe.call(resource.listing, keys, {"_q": "a" * 300 + "\N{GRINNING FACE}"})
