"""Failures of Schemathesis that are no findings: a case that was not sent, is valid as sent, or breaks a rule."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation import GenerationMode
from schemathesis.openapi.checks import RejectedPositiveData

from mockserver.contract.document import Document
from mockserver.contract.operations import read_operations
from mockserver.judging.request_checker import RequestChecker
from mockserver.verify.safety.bounded_transport import CUT
from mockserver.verify.safety.limits import READS, is_trouble
from mockserver.verify.safety.request_guard import REFUSED


class Excuses:
    """Decides whether a failure is excused, by the contract and by the request as it was sent."""

    def __init__(self, document: Document) -> None:
        self._operations = {operation.id: operation for operation in read_operations(document)}
        self._requests = RequestChecker(document)

    def cover(self, failure: Failure, case: Any, response: Any) -> bool:
        """Whether a failure of a case of Schemathesis, with the response of `requests`, is no finding."""
        if REFUSED in response.headers or CUT in response.headers or is_trouble(response.status_code, response.content):
            return True
        if isinstance(failure, AcceptedNegativeData):
            return self._is_valid_as_sent(case, str(response.request.url))
        # A rule of the domain may refuse a write that the schema allows; our own checks find wrong refusals by pairs of
        # requests. What a read refuses, the contract states.
        return isinstance(failure, RejectedPositiveData) and response.request.method not in READS

    def _is_valid_as_sent(self, case: Any, url: str) -> bool:
        """True if only the query was to be invalid, and is not: in a query, a number and a list of one look alike."""
        invalid = {where for where, part in case.meta.components.items() if part.mode is GenerationMode.NEGATIVE}
        operation = self._operations[case.operation.definition.raw["operationId"]]
        return invalid == {ParameterLocation.QUERY} and self._requests.has_valid_query(operation, urlsplit(url).query)
