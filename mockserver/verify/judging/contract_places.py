"""Places of the contract that promise what a finding contradicts, as `FILE:LINE POINTER`."""

from __future__ import annotations

import json
import re

from mockserver.contract.document import Document, Pointer, pointer_text
from mockserver.contract.operations import Operation
from mockserver.judging.schema_places import followed
from mockserver.verify.engine import FailedCheck
from mockserver.verify.judging import provenance
from mockserver.verify.resources import Contract

# The part of an operation that makes a promise; the operation as a whole makes those that are not listed.
PARTS = {
    "security": (
        "no_key_is_refused",
        "wrong_key_is_refused",
        "expired_key_is_refused",
        "missing_workspace_is_refused",
        "foreign_workspace_is_refused",
        "hidden_records_are_refused",
        "weak_key_reads_only",
    ),
    "parameters": (
        "both_directions_mirror_each_other",
        "filter_leaves_what_is_equal",
        "filtered_list_is_sorted",
        "next_member_sorts",
        "page_keeps_its_limit",
        "pages_have_no_gap_and_no_repeat",
        "query_finds_what_was_written",
        "search_finds_in_any_case",
        "search_leaves_what_holds_the_text",
        "sorted_list_is_sorted",
        "sorted_list_is_whole",
    ),
    "requestBody": (
        "read_back_equal",
        "read_only_is_ignored",
        "update_is_kept",
        "update_keeps_other_keys",
        "valid_value_is_accepted",
    ),
    "responses": ("each_bad_member_is_named", "secrets_are_not_shown", "write_only_is_never_told"),
}
# Kinds of `x-promises`.
KINDS = {
    "action_has_its_effect": "effect",
    "call_is_logged": "effect",
    "created_at_is_now": "timestamps",
    "created_at_stays": "timestamps",
    "default_is_set": "default",
    "deletion_reaches_referrers": "referrers",
    "duplicate_is_refused": "unique",
    "fixed_member_stays": "immutable",
    "list_is_in_order": "order",
    "members_are_equal": "equal",
    "nested_record_agrees": "visible",
    "new_record_is_shown": "effect",
    "number_counts_the_list": "count",
    "only_visible_is_listed": "visible",
    "only_visible_is_taken": "visible",
    "records_belong_to_their_parent": "equal",
    "repeated_creation_is_the_same": "unique",
    "sum_is_right": "count",
    "updated_at_moves": "timestamps",
    "updated_is_not_before_created": "timestamps",
    "write_has_its_effect": "effect",
}
# Parts that a promise of the kind has to have.
NEEDED = {"call_is_logged": "calls", "number_counts_the_list": "lists", "sum_is_right": "sums"}
SHARED = "components"


def place_of_promise(contract: Contract, operation: Operation, promise: str, member: str) -> Pointer:
    """Returns the place of a promise that our own checks test; of several of a kind, one that names the member."""
    whole = provenance.place_of_operation(contract.document, operation)
    written = contract.document.at(whole)
    entries, needed = written.get("x-promises", []), NEEDED.get(promise, "kind")
    alike = [entry for entry in entries if entry.get("kind") == KINDS.get(promise) and needed in entry]
    naming = [entry for entry in alike if member in re.findall(r"\w+", json.dumps(entry))]
    for entry in [*naming, *alike][:1]:
        return (*whole, "x-promises", entries.index(entry))
    part = next((part for part, names in PARTS.items() if promise in names and part in written), "")
    return (*whole, part) if part else whole


def place_of_failure(contract: Contract, operation: Operation, failed: FailedCheck) -> Pointer:
    """Returns the place that a failed check of Schemathesis contradicts; for a missing member, that of the member."""
    document = contract.document
    if failed.check == "not_a_server_error":
        return provenance.place_of_operation(document, operation)
    if failed.check != "response_schema_conformance":
        return provenance.locate(document, operation, failed.status, ())
    return provenance.locate(document, operation, failed.status, (*failed.pointer, *failed.missing[:1]))


def place_of_rows(contract: Contract, operation: Operation, status: int) -> Pointer:
    """Returns the place of the schema of an answer, or of each of its rows if it is a list."""
    document = contract.document
    place = followed(document, provenance.locate(document, operation, status, ()))
    is_list = "items" in document.at(place)
    return followed(document, (*place, "items")) if is_list else place


def is_shared(place: Pointer) -> bool:
    """True for a place that several operations refer to."""
    return place[:1] == (SHARED,)


def describe_place(document: Document, place: Pointer) -> str:
    """Renders a place: the file with the line, and a JSON pointer."""
    return f"{document.path.name}:{document.line(place)} {pointer_text(place).removeprefix('#')}"
