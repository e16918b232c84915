"""The operations of a contract as plain values: `$ref`s followed, path-level parameters merged.

Compiled once at start; the stages read these instead of the document. Schemas stay as written, because what they
mean depends on the direction of travel (see `schemas`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from mockserver.contract.document import Document, Schema
from mockserver.contract.walk import secret_names

JSON = "application/json"


@dataclass(frozen=True)
class Parameter:
    """One declared parameter; `explode` is filled in with OpenAPI's default for its style."""

    name: str
    where: str
    required: bool
    schema: Schema
    explode: bool

    @property
    def takes_free_names(self) -> bool:
        """True for an exploded object in the query: each of its members is a query name of its own."""
        return self.where == "query" and self.explode and self.schema.get("type") == "object"


@dataclass(frozen=True)
class Body:
    """What a request may carry. `examples` are by name; `secret_names` are members that never leave."""

    required: bool
    media_types: tuple[str, ...]
    is_json: bool
    schema: Schema
    secret_names: frozenset[str]
    examples: dict[str, Any]


@dataclass(frozen=True)
class Response:
    """One documented answer. `example` is the unnamed one, `examples` are by name; no schema means no body."""

    status: int
    media_type: str
    schema: Schema | None
    examples: dict[str, Any]
    example: Any = None
    has_example: bool = False


@dataclass(frozen=True)
class Operation:
    """One operation: everything that its requests need to know of the contract.

    `security` is a tuple of alternatives, each a tuple of scheme names that must hold together.
    """

    id: str
    method: str
    path: str
    tag: str
    security: tuple[tuple[str, ...], ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: dict[int, Response] = field(repr=False)

    @property
    def success(self) -> Response:
        """The answer when all is well: the lowest 2xx, else the lowest of all."""
        return self.responses[min(self.responses, key=lambda status: (status // 100 != 2, status))]

    def parameters_in(self, where: str) -> tuple[Parameter, ...]:
        """The parameters of one place: `path`, `query`, `header` or `cookie`."""
        return tuple(parameter for parameter in self.parameters if parameter.where == where)


def allowed_methods(methods: Iterable[str]) -> str:
    """Returns the complete `Allow` of a path from its documented methods: `GET, HEAD, OPTIONS, POST`."""
    names = {method.upper() for method in methods}
    return ", ".join(sorted({*names, "OPTIONS", *(["HEAD"] if "GET" in names else [])}))


def base_path(document: Document) -> str:
    """The path of the first server, without a final slash: the prefix of every path. Empty without servers."""
    server = (document.raw.get("servers") or [{"url": "/"}])[0]
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace("{" + name + "}", variable["default"])
    return urlsplit(url).path.rstrip("/")


def read_operations(document: Document) -> tuple[Operation, ...]:
    """All operations in document order, paths with their base path."""
    prefix = base_path(document)
    return tuple(
        _operation(document, prefix, path, method, operation) for path, method, operation in document.operations()
    )


def _operation(document: Document, prefix: str, path: str, method: str, written: dict[str, Any]) -> Operation:
    shared = document.raw["paths"][path].get("parameters", [])
    parameters = {(p.name, p.where): p for p in _parameters(document, [*shared, *written.get("parameters", [])])}
    security = written.get("security", document.raw.get("security", []))
    return Operation(
        id=written["operationId"],
        method=method.upper(),
        path=prefix + path,
        tag=(written.get("tags") or [""])[0],
        security=tuple(tuple(alternative) for alternative in security),
        parameters=tuple(parameters.values()),
        body=_body(document, written.get("requestBody")),
        responses=dict(_responses(document, written["responses"])),
    )


def _parameters(document: Document, written: list[dict[str, Any]]) -> Iterator[Parameter]:
    for part in written:
        parameter = document.resolve(part)
        where = parameter["in"]
        style = parameter.get("style", "form" if where in ("query", "cookie") else "simple")
        schema = parameter.get("schema") or _first_media(parameter).get("schema", {})
        yield Parameter(
            name=parameter["name"],
            where=where,
            required=parameter.get("required", False),
            schema=document.resolve(schema),
            explode=parameter.get("explode", style == "form"),
        )


def _body(document: Document, written: dict[str, Any] | None) -> Body | None:
    if written is None:
        return None
    body = document.resolve(written)
    content = body.get("content", {})
    media = _first_media(body)
    media_types = tuple(content) or (JSON,)
    return Body(
        required=body.get("required", False),
        media_types=media_types,
        is_json=any(media_type == JSON or media_type.endswith("+json") for media_type in media_types),
        schema=media.get("schema", {}),
        secret_names=secret_names(document, media.get("schema", {})),
        examples=_named_examples(document, media),
    )


def _responses(document: Document, written: dict[str, Any]) -> Iterator[tuple[int, Response]]:
    for key, part in written.items():
        status = _status(str(key), written)
        response = document.resolve(part)
        content = response.get("content", {})
        media_type = JSON if JSON in content else next(iter(content), JSON)
        media = _first_media(response)
        yield (
            status,
            Response(
                status=status,
                media_type=media_type,
                schema=media.get("schema"),
                examples=_named_examples(document, media),
                example=media.get("example"),
                has_example="example" in media,
            ),
        )


def _first_media(written: dict[str, Any]) -> dict[str, Any]:
    """What is said for JSON, else for the first media type, else nothing."""
    content: dict[str, dict[str, Any]] = written.get("content", {})
    return content.get(JSON) or next(iter(content.values()), {})


def _status(key: str, written: dict[str, Any]) -> int:
    """`4XX` stands for 400; `default` for a success where none is documented, else for a failure of the server."""
    if key == "default":
        return 500 if any(str(other).startswith("2") for other in written) else 200
    return int(key.upper().replace("XX", "00"))


def _named_examples(document: Document, media: dict[str, Any]) -> dict[str, Any]:
    return {name: document.resolve(part).get("value") for name, part in media.get("examples", {}).items()}
