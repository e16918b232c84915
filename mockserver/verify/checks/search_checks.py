"""Promises of searches, and of queries that no careful client sends."""

from __future__ import annotations

import json
import re

from mockserver.verify.probe import MOST, Probe, Record

SEARCHED_IN = ("name", "title", "email")
# Numbers that a careless target hands on to a database or a language that cannot hold them.
LARGE_NUMBERS = (2**31, 2**63)


def search_leaves_what_holds_the_text(probe: Probe) -> None:
    """A search for a text that nothing holds finds nothing."""
    for resource, keys in probe.lists():
        if not resource.takes("_q"):
            continue
        text = f"zq{probe.mark}qz"
        answer = probe.call(resource.listing, keys, {"_q": text})
        without = [record for record in answer.records if text not in json.dumps(record)]
        if without:
            probe.tell(
                resource.listing,
                "search_leaves_what_holds_the_text",
                answer,
                received=f"{len(without)} records, the first with id {without[0].get('id')}",
                documented=f"only records that hold {text!r}",
            )


def search_finds_in_any_case(probe: Probe) -> None:
    """A search for a word of a record finds the record, whatever the case of the letters."""
    for resource, keys in probe.lists():
        record, word = _word_in(probe.known(resource, keys))
        if not word or not resource.takes("_q"):
            continue
        for text in (word, word.swapcase()):
            answer = probe.call(resource.listing, keys, {"_q": text, "_limit": MOST})
            is_found = record["id"] in [one.get("id") for one in answer.records] or len(answer.records) >= MOST
            if answer.ok and not is_found and record in probe.all_of(resource, keys):
                probe.tell(
                    resource.listing,
                    "search_finds_in_any_case",
                    answer,
                    received=f"{len(answer.records)} records for {text!r}, without {record['id']!r}",
                    documented=f"the record {record['id']!r} too, which holds {word!r}",
                )


def _word_in(records: list[Record]) -> tuple[Record, str]:
    """A word of plain letters, and the record that holds it."""
    for record in records:
        for text in (record.get(name) for name in SEARCHED_IN if "id" in record):
            if isinstance(text, str) and (found := re.search(r"[A-Za-z]{3,}", text)):
                return record, found[0]
    return {}, ""


def odd_queries_are_answered_in_form(probe: Probe) -> None:
    """A limit that is no number, a huge number, a long or an unusual text: the contract's checks judge the answers."""
    for resource, keys in probe.lists():
        probe.call(resource.listing, keys, {"_limit": "none"})
        for number in LARGE_NUMBERS:
            probe.call(resource.listing, keys, {"_start": number})
        if resource.takes("_q"):
            probe.call(resource.listing, keys, {"_q": "a" * 300})
            probe.call(resource.listing, keys, {"_q": "\N{GRINNING FACE}"})
