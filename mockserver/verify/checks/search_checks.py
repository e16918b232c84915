"""Promises of searches, and of queries that no careful client sends."""

from __future__ import annotations

import json
import re

from mockserver.verify.checks.filter_checks import check_count, check_filtered_search
from mockserver.verify.checks.isolation import for_each_resource
from mockserver.verify.checks.samples import sample_body
from mockserver.verify.judging.assertions import contains_value, holds, rows_contain
from mockserver.verify.probe import MOST, Keys, Probe, Record
from mockserver.verify.resources import Resource

SEARCHED_IN = ("name", "title", "email")
# Behind another letter: a search is for a part of a text, not only for its beginning.
WORD = re.compile(r"(?<=\w)[A-Za-z]{3,}")
# Quotes end a text in SQL, `%` and `_` are wildcards there, `\\` escapes.
SIGNS = ("'\"\\", "%", "_")
# Accents, and signs that a query may lose.
OWN_TEXT = "ção C++ & 9%"
# Just too large for the integers of common databases and languages.
LARGE_NUMBERS = (2**31, 2**63)


def search_leaves_what_holds_the_text(probe: Probe) -> None:
    """A search for a text that no record contains finds nothing, even if its first word is in a record."""
    for resource, keys in probe.lists("_q"):
        text = f"{_word_in(probe.first_list(resource, keys))[1]} zq{probe.mark}qz".strip()
        response = probe.call(resource.listing, keys, {"_q": text})
        without = [record for record in response.records if text not in json.dumps(record)]
        if without:
            probe.report(
                resource.listing,
                "search_leaves_what_holds_the_text",
                response,
                received=f"{len(without)} records, the first with id {without[0].get('id')}",
                documented=f"only records that contain {text!r}",
                expected=response.expects(rows_contain, text),
            )


def search_finds_in_any_case(probe: Probe) -> None:
    """A search for a word of a record finds and counts the record, in upper and lower case, and with a filter."""
    for resource, keys in probe.lists("_q"):
        known = probe.first_list(resource, keys)
        record, word = _word_in(known)
        if word:
            check_filtered_search(probe, resource, keys, _most_common_word(known))
        for text in (word, word.swapcase()) if word else ():
            _check_found(probe, resource, keys, record, text)


@for_each_resource
def search_finds_own_text(probe: Probe, resource: Resource) -> None:
    """A search finds a record of the run by a part of its name that has accents and signs."""
    create = resource.create
    if create is None or not resource.accepts("_q") or not probe.is_selected(create):
        return
    keys, body = sample_body(probe, create) or ({}, {})
    for name in (name for name in SEARCHED_IN[:2] if name in body):
        # How letters with accents compare in upper case depends on the collation of the target.
        record = probe.call(create, keys, body=body | {name: f"{body[name]} a{OWN_TEXT}"}).record
        if str(record.get(name)).endswith(OWN_TEXT):
            _check_found(probe, resource, keys, record, OWN_TEXT)


def _check_found(probe: Probe, resource: Resource, keys: Keys, record: Record, text: str) -> None:
    if resource.count is not None and probe.is_selected(resource.count):
        check_count(probe, resource, resource.count, keys, {"_q": text})
    response = probe.call(resource.listing, keys, {"_q": text, "_limit": MOST})
    is_found = record["id"] in [one.get("id") for one in response.records] or len(response.records) >= MOST
    if response.ok and not is_found and record in probe.list_records(resource, keys):
        probe.report(
            resource.listing,
            "search_finds_in_any_case",
            response,
            received=f"{len(response.records)} records for {text!r}, without {record['id']!r}",
            documented=f"the record {record['id']!r} too, which contains {text!r} in any case",
            expected=response.expects(contains_value, ("*", "id"), record["id"]),
        )


def _word_in(records: list[Record]) -> tuple[Record, str]:
    """Returns the first record with a word, and the word."""
    for record in records:
        for text in (record.get(name) for name in SEARCHED_IN if "id" in record):
            if isinstance(text, str) and (found := WORD.search(text)):
                return record, found[0]
    return {}, ""


def _most_common_word(records: list[Record]) -> str:
    texts = [text for record in records for name in SEARCHED_IN if isinstance(text := record.get(name), str)]
    words = [found[0] for text in texts for found in WORD.finditer(text)]
    return max(words, key=words.count)


def search_takes_signs_as_they_are(probe: Probe) -> None:
    """Signs that mean something to a database are searched for like letters."""
    for resource, keys in probe.lists("_q", most=1):
        for text in SIGNS:
            response = probe.call(resource.listing, keys, {"_q": text})
            without = [record for record in response.records if not holds(record, text)]
            if without:
                probe.report(
                    resource.listing,
                    "search_takes_signs_as_they_are",
                    response,
                    received=f"{len(response.records)} records for {text!r}, {without[0].get('id')!r} without it",
                    documented=f"only records that contain {text!r}",
                    expected=response.expects(rows_contain, text),
                )


def odd_queries_are_answered_in_form(probe: Probe) -> None:
    """Sends huge numbers and a long text with an emoji; Schemathesis validates the responses."""
    for resource, keys in probe.lists(most=1):
        for number in LARGE_NUMBERS:
            probe.call(resource.listing, keys, {"_start": number})
        if resource.accepts("_q"):
            probe.call(resource.listing, keys, {"_q": "a" * 300 + "\N{GRINNING FACE}"})
