"""Checker of recorded requests: whether one has what its operation requires, so that a refusal proves something."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

from mockserver.contract.document import Document, Schema
from mockserver.contract.form_bodies import Field, decode_form
from mockserver.contract.operations import Operation, Parameter
from mockserver.contract.parameters import TextParameter, member_parameters
from mockserver.contract.schemas import Schemas
from mockserver.judging.recorded_calls import BROKEN, RecordedCall

_ANYTHING: Schema = {}


class RequestChecker:
    """Checks queries and bodies. Headers are not checked: recordings have them without their values."""

    def __init__(self, document: Document) -> None:
        self._document, self._schemas = document, Schemas(document, "request")
        self._validators: dict[int, Any] = {}

    def keeps_contract(self, operation: Operation, call: RecordedCall) -> bool:
        """Whether query and body are as documented."""
        return self.has_valid_query(operation, call.query) and self._has_valid_body(operation, call)

    def has_valid_query(self, operation: Operation, query: str) -> bool:
        """Whether each name of a query is documented and has a documented value, and none is missing."""
        parameters = operation.parameters_in("query")
        flat = [parameter for parameter in parameters if parameter.style != "deepObject"]
        declared = {part.name: part for parameter in flat for part in self._names_of(parameter)}
        free = next((self._free_member(parameter) for parameter in flat if parameter.takes_free_names), None)
        texts = parse_qs(query, keep_blank_values=True)
        deep = [self._take_object(parameter, texts) for parameter in parameters if parameter not in flat]
        known = {name: declared.get(name, free) for name in texts}
        is_complete = all(name in texts for name, parameter in declared.items() if parameter.required)
        has_valid_texts = all(part and self._is_valid(part, texts[name]) for name, part in known.items())
        return is_complete and has_valid_texts and all(deep)

    def _take_object(self, parameter: Parameter, texts: dict[str, list[str]]) -> bool:
        """Takes the members of a `deepObject` out of the texts; whether they are as documented."""
        own = [name for name in texts if name.partition("[")[0] == parameter.name]
        fields = [Field(name, text) for name in own for text in texts.pop(name)]
        schema = {"properties": {parameter.name: parameter.schema}}
        value = decode_form(self._document, schema, fields).get(parameter.name)
        return not parameter.required if value is None else bool(self._validator(parameter.schema).is_valid(value))

    def _names_of(self, parameter: Parameter) -> list[Parameter]:
        """The parameter, or its members if each is a query name of its own."""
        return member_parameters(self._document, parameter) if parameter.is_spread else [parameter]

    def _free_member(self, parameter: Parameter) -> Parameter:
        """Any member of an object of free names, as a query name of its own."""
        members = parameter.schema.get("additionalProperties")
        schema = self._document.resolve(members) if isinstance(members, dict) else _ANYTHING
        return Parameter(parameter.name, "query", required=False, schema=schema, explode=True)

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
