"""What Enspace promises beyond the form of single answers, one small function for each promise.

`CHECKS` is the list, in the order of running: what only reads comes first. Each says in which modes it can run; one
that writes makes its own records, which go through the guard and its ledger like all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mockserver.verify.checks import access, filters, lists, records, searches, workspaces, writing
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
    Check(filters.count_agrees_with_list),
    Check(lists.pages_have_no_gap_and_no_repeat),
    Check(lists.sorted_list_is_sorted),
    Check(lists.both_directions_mirror_each_other),
    Check(filters.filter_leaves_what_is_equal),
    Check(searches.search_leaves_what_holds_the_text),
    Check(searches.search_finds_in_any_case),
    Check(lists.records_belong_to_their_parent),
    Check(searches.odd_queries_are_answered_in_form),
    Check(records.listed_record_can_be_read),
    Check(records.missing_record_is_404),
    Check(records.single_answers_keep_the_contract),
    Check(access.no_key_is_refused),
    Check(access.wrong_key_is_refused),
    Check(access.expired_key_is_refused),
    Check(access.missing_workspace_is_refused),
    Check(access.foreign_workspace_is_refused),
    Check(access.weak_key_reads_only, WRITING),
    Check(writing.record_lives_as_promised, WRITING),
    Check(workspaces.own_workspace_lives_as_promised, (Mode.FULL,)),
)
