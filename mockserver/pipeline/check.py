"""Check the answer: does it conform to the contract?

A violation is a fault of this program. It is logged and journaled, and the answer is sent all the same: a client can
do more with it than with a 500.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from mockserver.contract.media_types import is_json
from mockserver.contract.operations import Operation, Response
from mockserver.contract.schemas import Schemas, Validator
from mockserver.pipeline.cache import BoundedCache
from mockserver.pipeline.exchange import UNCHECKED, Answer, Exchange
from mockserver.pipeline.violations import find_violations
from mockserver.secrets import NO_SECRETS

_log = logging.getLogger(__name__)


class CheckAnswer:
    """Validates all documented JSON responses. Those that conform are put into the cache `answers`."""

    name = "check"

    def __init__(self, operations: Iterable[Operation], schemas: Schemas, answers: BoundedCache[Answer]) -> None:
        self._answers = answers
        documented = [
            (_key(operation, response), response.schema)
            for operation in operations
            for response in operation.every_response
            if response.schema is not None and is_json(response.media_type)
        ]
        # One validator, in which each response is a member: it compiles each component once. One for each response
        # takes 30 seconds and 6 GB for a contract of 452 operations.
        self._members = {key: str(index) for index, (key, _) in enumerate(documented)}
        members = {str(index): schema for index, (_, schema) in enumerate(documented)}
        self._validator: Validator = schemas.validator({"properties": members})

    def conforms(self, operation: Operation, response: Response, value: Any) -> bool:
        """Returns whether a value is valid as the body of a response; any value is, if the body is not JSON."""
        member = self._members.get(_key(operation, response))
        return member is None or bool(self._validator.is_valid({member: value}))

    async def __call__(self, exchange: Exchange) -> str | None:
        answer, operation = exchange.answer, exchange.operation
        if operation is None or answer is None or answer.value is UNCHECKED:
            return None
        response = operation.find_response(answer.status)
        if exchange.status == answer.status:
            response = exchange.response
        member = None if response is None else self._members.get(_key(operation, response))
        if member is None:
            return None
        if self._validator.is_valid({member: answer.value}):
            if exchange.cache_key is not None:
                size = len(answer.body) + len(exchange.raw_body)
                self._answers.put(exchange.cache_key, replace(answer, value=UNCHECKED), size)
            return "conforms"
        violations = find_violations(self._validator, {member: answer.value}, NO_SECRETS)
        located = tuple(replace(violation, where=("answer", *violation.where[1:])) for violation in violations)
        exchange.violations += located
        for violation in located:
            _log.error("%s %s breaks the contract: %s", operation.id, answer.status, violation)
        exchange.fail(self.name, f"{len(located)} violations")
        return None


def _key(operation: Operation, response: Response) -> tuple[str, str, str]:
    return operation.id, response.key, response.media_type
