"""Checks of promises that no response schema can express, one small function for each promise.

`CHECKS` lists them in the order of execution, reads first. A check that writes creates its own records, through the
request guard and its ledger like all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.verify.checks import (
    access_checks,
    filter_checks,
    list_checks,
    record_checks,
    search_checks,
    workspace_checks,
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
    PromiseCheck(filter_checks.count_agrees_with_list),
    PromiseCheck(list_checks.pages_have_no_gap_and_no_repeat),
    PromiseCheck(list_checks.sorted_list_is_sorted),
    PromiseCheck(list_checks.both_directions_mirror_each_other),
    PromiseCheck(filter_checks.filter_leaves_what_is_equal),
    PromiseCheck(search_checks.search_leaves_what_holds_the_text),
    PromiseCheck(search_checks.search_finds_in_any_case),
    PromiseCheck(list_checks.records_belong_to_their_parent),
    PromiseCheck(search_checks.odd_queries_are_answered_in_form),
    PromiseCheck(record_checks.listed_record_can_be_read),
    PromiseCheck(record_checks.missing_record_is_404),
    PromiseCheck(record_checks.single_answers_keep_the_contract),
    PromiseCheck(access_checks.no_key_is_refused),
    PromiseCheck(access_checks.wrong_key_is_refused),
    PromiseCheck(access_checks.expired_key_is_refused),
    PromiseCheck(access_checks.missing_workspace_is_refused),
    PromiseCheck(access_checks.foreign_workspace_is_refused),
    PromiseCheck(access_checks.weak_key_reads_only, WRITING),
    PromiseCheck(write_checks.record_lives_as_promised, WRITING),
    # The ledger cannot list workspaces, so a killed run would leave one.
    PromiseCheck(workspace_checks.own_workspace_lives_as_promised, (Mode.FULL,)),
)
