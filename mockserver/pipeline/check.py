"""Check the answer: does it conform to the contract?

A violation is a fault of this program. It is logged and journaled, and the answer is sent all the same: a client can
do more with it than with a 500.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace

from jsonschema_rs import Draft4Validator

from mockserver.contract.operations import Operation
from mockserver.contract.schemas import Schemas
from mockserver.pipeline.cache import BoundedCache
from mockserver.pipeline.exchange import UNCHECKED, Answer, Exchange
from mockserver.pipeline.violations import find_violations
from mockserver.secrets import NO_SECRETS

_log = logging.getLogger(__name__)


class CheckAnswer:
    """One validator for each documented JSON response. Answers that conform are put into the cache `answers`."""

    name = "check"

    def __init__(self, operations: Iterable[Operation], schemas: Schemas, answers: BoundedCache[Answer]) -> None:
        self._answers = answers
        self._validators: dict[tuple[str, int], Draft4Validator] = {
            (operation.id, response.status): schemas.validator(response.schema)
            for operation in operations
            for response in operation.responses.values()
            if response.schema is not None and "json" in response.media_type
        }

    async def __call__(self, exchange: Exchange) -> str | None:
        answer, operation = exchange.answer, exchange.operation
        if operation is None or answer is None or answer.value is UNCHECKED:
            return None
        validator = self._validators.get((operation.id, answer.status))
        if validator is None:
            return None
        if validator.is_valid(answer.value):
            if exchange.cache_key is not None:
                size = len(answer.body) + len(exchange.raw_body)
                self._answers.put(exchange.cache_key, replace(answer, value=UNCHECKED), size)
            return "conforms"
        violations = find_violations(validator, answer.value, NO_SECRETS)
        located = tuple(replace(violation, where=("answer", *violation.where)) for violation in violations)
        exchange.violations += located
        for violation in located:
            _log.error("%s %s breaks the contract: %s", operation.id, answer.status, violation)
        exchange.fail(self.name, f"{len(located)} violations")
        return None
