"""Promises of lists that have only the caller's own rows."""

from __future__ import annotations

from mockserver.contract.promises import CALLER, Visible
from mockserver.verify.checks.promised.promised_records import promises_of_kind
from mockserver.verify.judging.assertions import has_none_of
from mockserver.verify.probe import Probe
from mockserver.verify.received import show


def rows_are_the_callers_own(probe: Probe) -> None:
    """A list of the caller's own rows shows none of them to another person."""
    keys = [key for key in (probe.credentials.limited_key, probe.credentials.viewer_key) if key]
    promised = [one for one in probe.operations for p in promises_of_kind(probe, one, Visible) if p.by == CALLER]
    for operation in promised if keys else ():
        own = probe.call(operation)
        ids = [row.get("id") for row in own.records]
        for key in keys:
            theirs = probe.call(operation, headers=probe.credentials.headers(x_api_key=key))
            for row in [one for one in theirs.records if one.get("id") in ids][:1]:
                received = f"the row {show(row.get('id'))} for two callers"
                expected = theirs.expects(has_none_of, own.member())
                probe.report(operation, "rows_are_the_callers_own", theirs, received, "rows of the caller", expected)
