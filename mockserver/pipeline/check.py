"""Check our own answer: does what is about to leave keep the contract?

A broken promise of ours is a fault of this program: it is logged and journaled, and the answer still leaves, since
a client can do more with it than with a 500.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from jsonschema_rs import Draft4Validator

from mockserver.contract.operations import Operation
from mockserver.contract.schemas import Schemas
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.refusals import Violation
from mockserver.pipeline.violations import violations_of

_log = logging.getLogger(__name__)


class CheckAnswer:
    """One validator for each documented JSON answer. Remembered answers were checked when they were made."""

    name = "check"

    def __init__(self, operations: Iterable[Operation], schemas: Schemas) -> None:
        self._validators: dict[tuple[str, int], Draft4Validator] = {
            (operation.id, response.status): schemas.validator(response.schema)
            for operation in operations
            for response in operation.responses.values()
            if response.schema is not None and "json" in response.media_type
        }

    def __call__(self, exchange: Exchange) -> None:
        answer, operation = exchange.answer, exchange.operation
        if answer is None or operation is None or answer.checked:
            return
        validator = self._validators.get((operation.id, answer.status))
        if validator is None or validator.is_valid(answer.value):
            answer.checked, answer.value = True, None
            return
        for violation in violations_of(validator, answer.value, frozenset()):
            told = Violation(f"answer.{violation.where}", violation.rule, violation.received, violation.documented)
            exchange.violations += (told,)
            _log.error("%s %s breaks the contract: %s", operation.id, answer.status, told)
