"""Produce: the body of the chosen answer, from an example or generated, with the echo of the request; unless it has
been answered from state.

The same seed, operation and parameters give the same bytes, in any order of calls; that also makes an answer worth
remembering. What is remembered is bounded by number and size.
"""

from __future__ import annotations

import copy
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any

from mockserver.contract.document import Document
from mockserver.contract.operations import Operation, Response
from mockserver.contract.schemas import Schemas
from mockserver.payloads import Generator, Payloads, Vocabulary
from mockserver.payloads.payload_error import PayloadError
from mockserver.pipeline.cache import remember
from mockserver.pipeline.echo import Echo
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Refusal

# How many records a generated collection holds; lists are cut from it, counts tell it.
RECORDS = 25
_PAGING = ("_limit", "_start", "_sort")
_MOST_REMEMBERED = 512
_LONGEST_REMEMBERED = 65_536


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How one documented answer is made; `echo` only for a success, `count` for the size of a collection."""

    response: Response
    generate: Generator | None
    echo: Echo | None
    is_list: bool
    is_count: bool


class Generate:
    """The recipes of all documented answers, and the answers made lately.

    Those of the operations in `later` are compiled when they are first wished for: at the start they would take an
    eighth of it. A wish that cannot be met is a 400 then, where the others stop the start with a `PayloadError`.
    """

    name = "produce"

    def __init__(
        self,
        document: Document,
        operations: Iterable[Operation],
        payloads: Payloads,
        vocabulary: Vocabulary,
        schemas: Schemas,
        seed: int,
        later: Container[str] = (),
    ) -> None:
        self._seed = seed
        self._remembered: dict[Any, Answer] = {}
        self._compile = partial(_recipe, document, payloads, vocabulary, schemas)
        self._recipes = {
            (operation.id, response.status): self._compile(operation, response)
            for operation in operations
            for response in operation.responses.values()
            if operation.id not in later
        }

    def __call__(self, exchange: Exchange) -> None:
        if exchange.answer is not None:
            return
        operation, preferences = exchange.operation, exchange.preferences
        assert operation is not None
        assert preferences is not None
        seed = self._seed if preferences.seed is None else preferences.seed
        how = (operation.id, exchange.status, exchange.example, exchange.generated, seed)
        key = (how, exchange.raw_path, exchange.query_string, exchange.raw_body)
        answer = self._remembered.get(key)
        if answer is None:
            answer = self._make(exchange, operation, how, seed)
            if len(answer.body) + len(exchange.raw_body) <= _LONGEST_REMEMBERED:
                remember(self._remembered, key, answer, _MOST_REMEMBERED)
        exchange.answer = answer

    def _make(self, exchange: Exchange, operation: Operation, how: tuple[Any, ...], seed: int) -> Answer:
        recipe = self._recipe(operation, exchange.status)
        response = recipe.response
        source = "generated" if exchange.generated else "example"
        if exchange.generated:
            value = _generated(recipe, exchange, _derived_seed(exchange, how))
        else:
            value = response.example if exchange.example is None else response.examples[exchange.example]
            value = copy.deepcopy(value) if recipe.echo else value
        if recipe.echo is not None:
            recipe.echo(value, exchange.path, exchange.query, exchange.body)
        return Answer(exchange.status, _encode(response, value), source, value, response.media_type)

    def _recipe(self, operation: Operation, status: int) -> _Recipe:
        recipe = self._recipes.get((operation.id, status))
        if recipe is None:
            try:
                recipe = self._compile(operation, operation.responses[status])
            except PayloadError as error:
                raise Refusal(400, f"Invalid header: prefer (this answer cannot be made up: {error})") from None
            self._recipes[operation.id, status] = recipe
        return recipe


def _recipe(
    document: Document,
    payloads: Payloads,
    vocabulary: Vocabulary,
    schemas: Schemas,
    operation: Operation,
    response: Response,
) -> _Recipe:
    schema = document.resolve(response.schema or {})
    is_success = response.status < 400
    return _Recipe(
        response=response,
        generate=None if response.schema is None else payloads.generator(response.schema),
        echo=Echo(document, schemas, vocabulary, operation, response) if is_success else None,
        is_list=schema.get("type") == "array",
        is_count=schema.get("type") == "integer" and operation.path.endswith("/count"),
    )


def _generated(recipe: _Recipe, exchange: Exchange, seed: int) -> Any:
    if recipe.generate is None:
        return None
    if recipe.is_count:
        return RECORDS
    if not recipe.is_list:
        return recipe.generate(seed, status=exchange.status)
    start, end = _page(exchange.query)
    return recipe.generate(seed, rows=end, status=exchange.status)[start:]


def _page(query: Mapping[str, Any]) -> tuple[int, int]:
    if "_limit" not in query:
        return 0, RECORDS
    start = min(query.get("_start", 0), RECORDS)
    return start, min(start + query["_limit"], RECORDS)


def _derived_seed(exchange: Exchange, how: tuple[Any, ...]) -> int:
    """From everything that names the answer, paging aside: a page shows a part of the same records."""
    query = sorted([(name, value) for name, value in exchange.query.items() if name not in _PAGING])
    named = repr((how, exchange.path, query)).encode() + exchange.raw_body
    return int.from_bytes(blake2b(named, digest_size=8).digest(), "big")


def _encode(response: Response, value: Any) -> bytes:
    if response.schema is None and value is None:
        return b""
    return write_json(value) if "json" in response.media_type else str(value).encode()
