"""Gaps of a document: the answers for which no value can be generated, each with its reason."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from mockserver.contract.document import ContractError, Document, pointer_of
from mockserver.contract.lenient.findings import states_provenance
from mockserver.contract.lenient.reading import read_strictly
from mockserver.contract.operations import Operation, read_operations
from mockserver.payloads.generator import Payloads
from mockserver.payloads.payload_error import PayloadError
from mockserver.payloads.vocabulary import Vocabulary


@dataclass(frozen=True)
class Gap:
    """An answer that cannot be generated. `key` is that of its response, such as `200` or `4XX`."""

    operation: str
    key: str
    error: PayloadError

    def __str__(self) -> str:
        return f"the answer {self.key} of {self.operation} cannot be generated: {self.error}"


def find_gaps(payloads: Payloads, operations: Iterable[Operation]) -> Iterator[Gap]:
    """Yields the gaps in document order. An answer with an example has none. Takes up to 25 ms for each operation."""
    for operation in operations:
        for response in operation.every_response:
            if response.schema is not None and not (response.has_example or response.examples):
                try:
                    payloads.generator(response.schema)
                except PayloadError as error:
                    yield Gap(operation.id, response.key, error)


def list_gaps(document: Document, vocabulary: Vocabulary) -> Iterator[str]:
    """Yields the gaps of a document as it is written, each with its line and column; none if it cannot be served.

    Tests prove that documents that state a provenance, such as ours, have none.
    """
    if states_provenance(document):
        return
    try:
        served = read_strictly(document)
    except ContractError:
        return
    payloads = Payloads(served, vocabulary, is_foreign=True)
    for gap in find_gaps(payloads, read_operations(served)):
        pointer = pointer_of(gap.error.where) if gap.error.where.startswith("#/") else ()
        yield "{}:{} {}".format(*document.position(pointer), gap)
