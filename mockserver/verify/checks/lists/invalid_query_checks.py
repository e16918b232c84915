"""Promises of queries: values that the contract forbids are refused.

Schemathesis sends such a value beside valid ones, and then leaves it open whether it had to be refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from mockserver.contract.document import Schema
from mockserver.contract.operations import Operation
from mockserver.verify.checks.isolation import for_each_operation
from mockserver.verify.checks.records.record_checks import first_keys
from mockserver.verify.checks.writes.difficult_values import unlisted
from mockserver.verify.probe import Probe

UNKNOWN_VALUE = "no_such_value:ASC"
NO_DIRECTION = "id"  # nearly a valid order
FRACTION, NUMBER = "0.5", "1"


@for_each_operation
def invalid_queries_are_refused(probe: Probe, operation: Operation) -> None:
    """A read takes only values that the contract allows for each parameter of its query, sent alone."""
    keys = first_keys(probe, operation) if operation.method == "GET" else None
    for parameter in operation.parameters_in("query") if keys is not None else ():
        for value in _forbidden(parameter.schema):
            response = probe.call(operation, keys, {parameter.name: value})
            what, documented = f"{parameter.name}={value}", "400: the contract forbids this value"
            probe.expect_refusal(operation, "invalid_value_is_refused", response, what, documented)


def _forbidden(schema: Schema) -> Iterator[str]:
    """Yields values that a parameter forbids: of another type, not listed, without a match, beyond the limits."""
    kind, pattern = schema.get("type"), schema.get("pattern", "")
    if kind == "boolean":
        yield NUMBER
    if kind == "integer":
        yield FRACTION
    if "enum" in schema:
        yield unlisted(schema["enum"])
    yield from (text for text in (UNKNOWN_VALUE, NO_DIRECTION) if pattern and not re.search(pattern, text))
    if "minimum" in schema:
        yield str(schema["minimum"] - 1)
    if "maximum" in schema:
        yield str(schema["maximum"] + 1)
