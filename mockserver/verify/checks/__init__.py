"""What Enspace promises beyond the form of single answers, one small function for each promise.

`CHECKS` is the list, in the order of running: what only reads comes first. Each says in which modes it can run; one
that writes makes its own records, which go through the guard and its ledger like all others.
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
class Check:
    """A named check; `modes` are those in which it can run."""

    run: Callable[[Probe], None]
    modes: tuple[Mode, ...] = tuple(Mode)

    @property
    def name(self) -> str:
        return self.run.__name__


CHECKS = (
    Check(filter_checks.count_agrees_with_list),
    Check(list_checks.pages_have_no_gap_and_no_repeat),
    Check(list_checks.sorted_list_is_sorted),
    Check(list_checks.both_directions_mirror_each_other),
    Check(filter_checks.filter_leaves_what_is_equal),
    Check(search_checks.search_leaves_what_holds_the_text),
    Check(search_checks.search_finds_in_any_case),
    Check(list_checks.records_belong_to_their_parent),
    Check(search_checks.odd_queries_are_answered_in_form),
    Check(record_checks.listed_record_can_be_read),
    Check(record_checks.missing_record_is_404),
    Check(record_checks.single_answers_keep_the_contract),
    Check(access_checks.no_key_is_refused),
    Check(access_checks.wrong_key_is_refused),
    Check(access_checks.expired_key_is_refused),
    Check(access_checks.missing_workspace_is_refused),
    Check(access_checks.foreign_workspace_is_refused),
    Check(access_checks.weak_key_reads_only, WRITING),
    Check(write_checks.record_lives_as_promised, WRITING),
    Check(workspace_checks.own_workspace_lives_as_promised, (Mode.FULL,)),
)
