"""Checks of promises that no response schema can express, one small function for each promise.

`CHECKS` lists them in the order of execution, reads first. A check that writes creates its own records, through the
request guard and its ledger like all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.verify.checks.access import (
    access_checks,
    call_log_checks,
    caller_checks,
    tenancy_checks,
    workspace_checks,
)
from mockserver.verify.checks.lists import count_checks, filter_checks, invalid_query_checks, list_checks, search_checks
from mockserver.verify.checks.promised import (
    default_checks,
    effect_checks,
    fixed_member_checks,
    referrer_checks,
    unique_checks,
    visible_checks,
)
from mockserver.verify.checks.records import agreement_checks, nested_checks, record_checks, summary_checks
from mockserver.verify.checks.writes import (
    acceptance_checks,
    creation_checks,
    invalid_value_checks,
    refusal_checks,
    update_checks,
    write_checks,
)
from mockserver.verify.probe import Probe
from mockserver.verify.safety.limits import WRITING, Mode


@dataclass(frozen=True)
class PromiseCheck:
    """A check of one promise, and the modes in which it can run."""

    run: Callable[[Probe], None]
    modes: tuple[Mode, ...] = tuple(Mode)

    @property
    def name(self) -> str:
        return self.run.__name__


CHECKS = (
    PromiseCheck(count_checks.count_agrees_with_list),
    PromiseCheck(list_checks.pages_have_no_gap_and_no_repeat),
    PromiseCheck(list_checks.pages_keep_their_limit),
    PromiseCheck(list_checks.equal_members_are_sorted_by_the_next),
    PromiseCheck(list_checks.both_directions_mirror_each_other),
    PromiseCheck(filter_checks.filter_leaves_what_is_equal),
    PromiseCheck(filter_checks.filters_are_combined),
    PromiseCheck(invalid_query_checks.invalid_queries_are_refused),
    PromiseCheck(search_checks.search_leaves_what_holds_the_text),
    PromiseCheck(search_checks.search_finds_in_any_case),
    PromiseCheck(search_checks.odd_queries_are_answered_in_form),
    PromiseCheck(record_checks.listed_record_can_be_read),
    PromiseCheck(record_checks.missing_record_is_404),
    PromiseCheck(record_checks.record_is_only_below_its_parent),
    PromiseCheck(record_checks.reading_changes_nothing),
    PromiseCheck(tenancy_checks.other_workspaces_are_separate),
    PromiseCheck(tenancy_checks.unlisted_neighbours_are_hidden),
    PromiseCheck(tenancy_checks.single_answers_are_of_the_workspace),
    PromiseCheck(workspace_checks.workspace_is_listed),
    PromiseCheck(access_checks.bad_keys_are_refused),
    PromiseCheck(access_checks.missing_workspace_is_refused),
    PromiseCheck(access_checks.foreign_workspace_is_refused),
    PromiseCheck(access_checks.hidden_records_are_refused),
    PromiseCheck(caller_checks.rows_are_the_callers_own),
    PromiseCheck(access_checks.weak_key_reads_only, WRITING),
    PromiseCheck(search_checks.search_finds_own_text, WRITING),
    PromiseCheck(list_checks.numbers_are_sorted_as_numbers, WRITING),
    # Before others: what a creation sets wrongly is no fault of an update.
    PromiseCheck(default_checks.defaults_are_set, WRITING),
    PromiseCheck(write_checks.record_lives_as_promised, WRITING),
    PromiseCheck(refusal_checks.refused_writes_change_nothing, WRITING),
    PromiseCheck(record_checks.absent_is_404),
    PromiseCheck(creation_checks.creations_keep_each_value, WRITING),
    PromiseCheck(update_checks.updates_keep_each_value, WRITING),
    PromiseCheck(invalid_value_checks.invalid_values_are_refused, WRITING),
    PromiseCheck(invalid_value_checks.invalid_creations_are_refused, WRITING),
    PromiseCheck(summary_checks.numbers_count_lists),
    PromiseCheck(fixed_member_checks.fixed_members_stay, WRITING),
    PromiseCheck(unique_checks.unique_members_are_unique, WRITING),
    PromiseCheck(visible_checks.only_visible_is_taken, WRITING),
    PromiseCheck(effect_checks.writes_have_their_effect, WRITING),
    PromiseCheck(nested_checks.nested_lists_are_in_order, WRITING),
    PromiseCheck(nested_checks.nested_records_agree),
    PromiseCheck(referrer_checks.deletions_reach_referrers, WRITING),
    # Late: it asks again only for what no other check had accepted.
    PromiseCheck(acceptance_checks.operation_is_accepted_once),
    PromiseCheck(agreement_checks.answers_agree),
    PromiseCheck(call_log_checks.calls_are_logged),
    PromiseCheck(list_checks.pages_are_full),  # late: a log is long enough then
    # The ledger cannot list workspaces, so a killed run would leave one.
    PromiseCheck(workspace_checks.own_workspace_lives_as_promised, (Mode.FULL,)),
)
