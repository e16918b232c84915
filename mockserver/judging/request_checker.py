"""Checker of recorded requests: whether one has what its operation requires, so that a refusal proves something."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation, Parameter
from mockserver.contract.parameters import TextParameter
from mockserver.contract.schemas import Schemas
from mockserver.judging.recorded_calls import BROKEN, RecordedCall


class RequestChecker:
    """Checks queries and bodies. Headers are not checked: recordings have them without their values."""

    def __init__(self, document: Document) -> None:
        self._document, self._schemas = document, Schemas(document, "request")
        self._validators: dict[int, Any] = {}

    def keeps_contract(self, operation: Operation, call: RecordedCall) -> bool:
        """Whether query and body are as documented."""
        return self._has_valid_query(operation, call.query) and self._has_valid_body(operation, call)

    def _has_valid_query(self, operation: Operation, query: str) -> bool:
        texts = parse_qs(query, keep_blank_values=True)
        parameters = operation.parameters_in("query")
        # The members of an object may be names of their own; which ones is not always listed.
        is_open = any(parameter.schema.get("type") == "object" for parameter in parameters)
        if not is_open and not texts.keys() <= {parameter.name for parameter in parameters}:
            return False
        return all(
            self._is_valid(parameter, texts[parameter.name]) if parameter.name in texts else not parameter.required
            for parameter in parameters
            if parameter.schema.get("type") != "object"
        )

    def _is_valid(self, parameter: Parameter, texts: list[str]) -> bool:
        try:
            value = TextParameter(self._document, parameter).read(texts)
        except ValueError:  # several values of a name that takes one
            return False
        return bool(self._validator(parameter.schema).is_valid(value))

    def _has_valid_body(self, operation: Operation, call: RecordedCall) -> bool:
        body = operation.body
        if body is None or not (body.required or call.request.text):
            return True
        # A body that the recording has left out is not known to break the contract.
        if call.request.text is None:
            return True
        sent = call.request.json
        return sent is not BROKEN and bool(self._validator(body.schema).is_valid(sent))

    def _validator(self, schema: dict[str, Any]) -> Any:
        # Compiling one takes longer than a hundred checks.
        if id(schema) not in self._validators:
            self._validators[id(schema)] = self._schemas.validator(schema)
        return self._validators[id(schema)]
