"""Checks of one resource or one operation: a crash of one pair does not stop the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import wraps
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.verify.probe import Probe
from mockserver.verify.resources import Resource
from mockserver.verify.results import NotTested
from mockserver.verify.safety.ledger import LedgerError


def for_each_resource(check: Callable[[Probe, Resource], None]) -> Callable[[Probe], None]:
    """Makes a check of one resource a check of all selected resources."""
    return _for_each(check, lambda probe: [(one, one.collection) for one in probe.resources])


def for_each_operation(check: Callable[[Probe, Operation], None]) -> Callable[[Probe], None]:
    """Makes a check of one operation a check of all selected operations."""
    return _for_each(check, lambda probe: [(one, one.id) for one in probe.operations])


def _for_each(
    check: Callable[[Probe, Any], None], parts: Callable[[Probe], Iterable[tuple[Any, str]]]
) -> Callable[[Probe], None]:
    @wraps(check)
    def run(probe: Probe) -> None:
        for part, name in parts(probe):
            try:
                check(probe, part)
            except LedgerError:
                raise
            except Exception as error:  # no response of a target, however odd, may stop the other pairs
                reason = f"a response that it could not read ({type(error).__name__}: {error})"
                probe.not_tested.append(NotTested(f"{check.__name__} of {name}", reason))

    return run
