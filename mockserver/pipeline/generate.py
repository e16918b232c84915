"""Generate: the body of the chosen answer from an example or generated, with the echo of the request.

The same seed, operation and parameters give the same bytes, in any order of requests.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Container, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from hashlib import blake2b
from typing import Any, TypeAlias

from mockserver.contract.document import Document
from mockserver.contract.operations import Header, Operation, Response
from mockserver.contract.schemas import Schemas
from mockserver.payloads import Generator, Payloads, Vocabulary
from mockserver.payloads.payload_error import PayloadError
from mockserver.pipeline.cache import BoundedCache
from mockserver.pipeline.choose import refuse_preference
from mockserver.pipeline.echo import Echo
from mockserver.pipeline.encoding import concrete, encode, header_text
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.refusals import Refusal

Conforms: TypeAlias = Callable[[Operation, Response, Any], bool]

# The number of records of a generated collection; lists show a part of it, counts return it.
RECORDS = 25
# They describe how an answer is sent, which no document can know.
_OWN_HEADERS = ("connection", "content-encoding", "content-length", "content-type", "date", "transfer-encoding")
_PAGING = ("_limit", "_start", "_sort")


@dataclass(frozen=True, slots=True)
class _Recipe:
    """How one documented answer is made. Only a success echoes the request."""

    response: Response
    encode: Callable[[Any], bytes]
    generate: Generator | None
    echo: Echo | None
    headers: dict[str, Callable[[int], str]]
    is_list: bool
    is_count: bool


class Generate:
    """The recipes of all documented answers. Fills in `answer`, unless a handler has.

    Recipes of the operations in `deferred` are compiled when they are first needed; compiling them at the start would
    take an eighth of it. A schema that has no value is a 400 then; for the others it is a `PayloadError` at the start.
    """

    name = "generate"

    def __init__(
        self,
        document: Document,
        operations: Iterable[Operation],
        payloads: Payloads,
        vocabulary: Vocabulary,
        schemas: Schemas,
        answers: BoundedCache[Answer],
        seed: int,
        conforms: Conforms,
        deferred: Container[str] = (),
    ) -> None:
        self._answers, self._seed, self._conforms = answers, seed, conforms
        self._compile = partial(_compile_recipe, document, payloads, vocabulary, schemas)
        self._recipes = {
            (operation.id, response.key, response.media_type): self._compile(operation, response)
            for operation in operations
            for response in operation.every_response
            if operation.id not in deferred
        }

    async def __call__(self, exchange: Exchange) -> str | None:
        if exchange.answer is not None:
            return None
        operation = exchange.operation
        assert operation is not None
        seed = self._seed if exchange.preferences.seed is None else exchange.preferences.seed
        response = exchange.response
        assert response is not None
        choice = (operation.id, exchange.status, exchange.example, exchange.is_generated, seed)
        key = (*choice, response.media_type, exchange.raw_path, exchange.query_string, exchange.raw_body)
        exchange.answer = self._answers.get(key)
        if exchange.answer is not None:
            return f"{exchange.answer.source}, cached"
        try:
            recipe = self._recipe(operation, response)
            exchange.answer = self._make_answer(recipe, exchange, _derive_seed(exchange, choice))
        except PayloadError as error:
            reason = f"this answer cannot be generated: {error}"
            # Without the preference, the state would have answered.
            if exchange.preferences.bypass_state and exchange.sandbox is not None:
                raise refuse_preference(reason) from None
            raise Refusal(501, f"Not Implemented: {reason}") from None
        exchange.cache_key = key
        return exchange.answer.source

    def documented_answer(self, operation: Operation, response: Response, example: str | None = None) -> Answer:
        """Returns an answer of this response: its example of this name, or any, or generated. Raises `PayloadError`."""
        recipe = self._recipe(operation, response)
        if example in response.examples:
            value = response.examples[example]
        elif response.has_example:
            value = response.example
        elif response.examples:
            value = next(iter(response.examples.values()))
        else:
            value = None if recipe.generate is None else recipe.generate(self._seed, status=response.status)
        return Answer(response.status, recipe.encode(value), "example", value, concrete(response.media_type))

    def _make_answer(self, recipe: _Recipe, exchange: Exchange, seed: int) -> Answer:
        value = _body_value(recipe, exchange, seed)
        if recipe.echo is not None and exchange.operation is not None:
            recipe.echo(value, exchange.path, exchange.query, exchange.body)
            # Rules between members may forbid an echoed value.
            if not self._conforms(exchange.operation, recipe.response, value):
                value = _body_value(recipe, exchange, seed)
        return _render_answer(recipe, exchange, value, seed)

    def _recipe(self, operation: Operation, response: Response) -> _Recipe:
        key = (operation.id, response.key, response.media_type)
        recipe = self._recipes.get(key)
        if recipe is None:
            recipe = self._recipes[key] = self._compile(operation, response)
        return recipe


def _compile_recipe(
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
        encode=partial(encode, document, response),
        generate=_body_generator(payloads, response),
        echo=Echo(document, schemas, vocabulary, operation, response) if is_success else None,
        headers={name: _header_writer(payloads, header) for name, header in response.headers.items()},
        is_list=schema.get("type") == "array",
        is_count=schema.get("type") == "integer" and operation.path.endswith("/count"),
    )


def _body_generator(payloads: Payloads, response: Response) -> Generator | None:
    """Returns the generator of the body. Raises `PayloadError`, which a response with an example does when called."""
    if response.schema is None:
        return None
    try:
        return payloads.generator(response.schema)
    except PayloadError as error:
        if not (response.has_example or response.examples):
            raise
        failure = error

    def fail(seed: int, *, rows: int | None = None, status: int = 200) -> Any:
        raise failure

    return fail


def _header_writer(payloads: Payloads, header: Header) -> Callable[[int], str]:
    if header.example is not None:
        return lambda seed: header_text(header, header.example)
    generate = payloads.generator(header.schema)
    return lambda seed: header_text(header, generate(seed))


def _render_answer(recipe: _Recipe, exchange: Exchange, value: Any, seed: int) -> Answer:
    source = "generated" if exchange.is_generated else "example"
    headers = tuple(
        (name.lower().encode("latin-1", "replace"), write(seed).encode("latin-1", "replace"))
        for name, write in recipe.headers.items()
        if name.lower() not in _OWN_HEADERS
    )
    media_type = concrete(recipe.response.media_type)
    return Answer(exchange.status, recipe.encode(value), source, value, media_type, headers)


def _body_value(recipe: _Recipe, exchange: Exchange, seed: int) -> Any:
    if exchange.is_generated:
        return _generate_value(recipe, exchange, seed)
    response = recipe.response
    example = response.example if exchange.example is None else response.examples[exchange.example]
    return copy.deepcopy(example)  # the echo changes it


def _generate_value(recipe: _Recipe, exchange: Exchange, seed: int) -> Any:
    if recipe.generate is None:
        return None
    if recipe.is_count:
        return RECORDS
    if not recipe.is_list:
        return recipe.generate(seed, status=exchange.status)
    start, end = _page(exchange.query)
    return recipe.generate(seed, rows=end, status=exchange.status)[start:]


def _page(query: Mapping[str, Any]) -> tuple[int, int]:
    start = min(_count(query, "_start", 0), RECORDS)
    return start, min(start + _count(query, "_limit", RECORDS), RECORDS)


def _count(query: Mapping[str, Any], name: str, default: int) -> int:
    """Returns a number of records; the default if another contract gives the name another meaning."""
    value = query.get(name)
    return value if type(value) is int and value >= 0 else default


def _derive_seed(exchange: Exchange, choice: tuple[Any, ...]) -> int:
    """Derives a seed from everything that selects the answer, except paging: pages are parts of the same records."""
    query = sorted([(name, value) for name, value in exchange.query.items() if name not in _PAGING])
    selection = repr((choice, exchange.path, query)).encode() + exchange.raw_body
    return int.from_bytes(blake2b(selection, digest_size=8).digest(), "big")
