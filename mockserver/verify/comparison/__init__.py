"""Comparison of the target with the fake: the calls of a run are repeated against a fake with the same records.

What the checks do not look for shows here: the fake has every rule of Enspace, so an answer that differs is a doubt.
`EXPLORATION` sends more requests for that, `doubts` collects the differences, `blame` finds the operation at fault, and
`doubt_words` reports it.
"""

from mockserver.verify.checks import PromiseCheck
from mockserver.verify.comparison.explored_permissions import explore_permissions
from mockserver.verify.comparison.explored_reads import explore_queries, explore_readers
from mockserver.verify.comparison.explored_relations import (
    explore_assignments,
    explore_deletions,
    explore_full_lists,
    explore_returning_records,
    explore_used_records,
)
from mockserver.verify.comparison.explored_workspaces import explore_new_workspace
from mockserver.verify.comparison.explored_writes import (
    explore_derived_slugs,
    explore_fixed_relations,
    explore_generated,
    explore_halves,
    explore_hidden_members,
    explore_late_effects,
    explore_repeated_entries,
    explore_states,
    explore_writers,
)
from mockserver.verify.comparison.preset_records import explore_preset_records
from mockserver.verify.safety.limits import WRITING, Mode

EXPLORATION = (
    PromiseCheck(explore_queries),
    PromiseCheck(explore_deletions, WRITING),
    PromiseCheck(explore_states, WRITING),
    PromiseCheck(explore_late_effects, WRITING),
    PromiseCheck(explore_halves, WRITING),
    PromiseCheck(explore_fixed_relations, WRITING),
    PromiseCheck(explore_hidden_members, WRITING),
    PromiseCheck(explore_repeated_entries, WRITING),
    PromiseCheck(explore_derived_slugs, WRITING),
    PromiseCheck(explore_readers),
    PromiseCheck(explore_writers, WRITING),
    PromiseCheck(explore_full_lists, WRITING),
    PromiseCheck(explore_returning_records, WRITING),
    PromiseCheck(explore_assignments, (Mode.FULL,)),
    PromiseCheck(explore_permissions, (Mode.FULL,)),
    PromiseCheck(explore_generated, WRITING),
    PromiseCheck(explore_used_records, WRITING),
    PromiseCheck(explore_preset_records, (Mode.FULL,)),
    PromiseCheck(explore_new_workspace, (Mode.FULL,)),
)
