"""The operations of a contract as plain values: `$ref`s followed, parameters of the path merged.

They are read once at start, and the stages use them instead of the document. Schemas stay as they are written, because
their meaning depends on the direction (see `schemas`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mockserver.contract.document import Document, OperationEntry, Schema
from mockserver.contract.media_types import is_json
from mockserver.contract.walk import parts_of, properties_of, secret_members
from mockserver.contract.yaml_text import parse_json
from mockserver.secrets import SecretMembers

JSON = "application/json"
# Between the values of a list in one text, by style.
SEPARATORS = {"form": ",", "simple": ",", "spaceDelimited": " ", "pipeDelimited": "|"}


@dataclass(frozen=True)
class Parameter:
    """One declared parameter; `where` is `path`, `query`, `header` or `cookie`. `is_json` if it has `content`."""

    name: str
    where: str
    required: bool
    schema: Schema
    explode: bool
    style: str = "form"
    is_json: bool = False
    # A query parameter of any type may be an empty text.
    allows_empty: bool = False

    @property
    def is_spread(self) -> bool:
        """Whether it is an exploded object in the query, of which each member is a query name of its own."""
        is_exploded = self.explode and self.style == "form" and not self.is_json
        return self.where == "query" and is_exploded and self.schema.get("type") == "object"

    @property
    def takes_free_names(self) -> bool:
        """Whether it is a spread object whose members have any name."""
        return self.is_spread and "properties" not in self.schema


@dataclass(frozen=True)
class Body:
    """The documented body of a request. `schemas` are by media type; `schema` is that of JSON, or the first one.

    `separators`, also by media type, are those of lists that a form has in one field, by the name of the field.
    """

    required: bool
    schemas: dict[str, Schema]
    separators: dict[str, dict[str, str]]
    schema: Schema
    examples: dict[str, Any]
    find_secrets: Callable[[], SecretMembers] = field(repr=False)

    # On demand, since a schema may lead to hundreds of others.
    @cached_property
    def secrets(self) -> SecretMembers:
        """The members that must never be shown or logged."""
        return self.find_secrets()


@dataclass(frozen=True)
class Header:
    """One documented header of a response; `example` is None if there is none."""

    schema: Schema
    example: Any


@dataclass(frozen=True)
class Response:
    """One documented response; without a schema it has no body. `example` is the unnamed one.

    `key` is its key in the document, such as `4XX`, for which `status` stands.
    """

    status: int
    key: str
    media_type: str
    schema: Schema | None
    examples: dict[str, Any]
    example: Any = None
    has_example: bool = False
    headers: dict[str, Header] = field(default_factory=dict)
    # The same status in other media types.
    alternatives: tuple[Response, ...] = ()

    @property
    def has_content(self) -> bool:
        """Whether a body is documented."""
        return self.schema is not None or self.has_example or bool(self.examples)


@dataclass(frozen=True)
class Operation:
    """One operation. `security` is a tuple of alternatives, each a tuple of schemes that are required together."""

    id: str
    method: str
    path: str
    tag: str
    security: tuple[tuple[str, ...], ...]
    parameters: tuple[Parameter, ...]
    body: Body | None
    responses: dict[int, Response] = field(repr=False)
    # By the first digit of the status, for ranges such as `4XX`; by 0, for `default`.
    ranges: dict[int, Response] = field(repr=False, default_factory=dict)
    # The query parameters that its path names, which paths cannot do: `/#Action=Get`. An empty value means any.
    selectors: dict[str, str] = field(default_factory=dict)

    @property
    def every_response(self) -> Iterator[Response]:
        """All responses, of ranges and in other media types too."""
        for response in (*self.responses.values(), *self.ranges.values()):
            yield from (response, *response.alternatives)

    def find_response(self, status: int) -> Response | None:
        """Returns the response of a status: its own, else that of its range, else `default`."""
        return self.responses.get(status) or self.ranges.get(status // 100) or self.ranges.get(0)

    @property
    def success(self) -> Response:
        """The response with the lowest 2xx status, else with the lowest status. A range or `default` comes last."""
        return min(
            self.responses.values(),
            key=lambda response: (response.status // 100 != 2, not response.key.isdecimal(), response.status),
        )

    def parameters_in(self, where: str) -> tuple[Parameter, ...]:
        """Returns the parameters in `path`, `query`, `header` or `cookie`."""
        return tuple(parameter for parameter in self.parameters if parameter.where == where)


def base_path(document: Document) -> str:
    """Returns the path of the first server without a final slash. It is the prefix of every path."""
    server = (document.raw.get("servers") or [{"url": "/"}])[0]
    url: str = server["url"]
    for name, variable in server.get("variables", {}).items():
        url = url.replace("{" + name + "}", variable["default"])
    path = urlsplit(url).path.strip("/")
    return f"/{path}" if path else ""


def read_operations(document: Document) -> tuple[Operation, ...]:
    """Reads all operations in document order; their paths include the base path."""
    prefix = base_path(document)
    return tuple(_operation(document, prefix, entry) for entry in document.operations())


def allowed_methods(methods: Iterable[str], *, answers_options: bool = True) -> str:
    """Returns the value of `Allow` for a path with operations of these methods: sorted, and separated by commas.

    HEAD is answered wherever there is a GET (RFC 9110, section 9.3.2), OPTIONS on every path of the contract.
    """
    allowed = {method.upper() for method in methods} | ({"OPTIONS"} if answers_options else set())
    return ", ".join(sorted(allowed | {"HEAD"} if "GET" in allowed else allowed))


def _operation(document: Document, prefix: str, entry: OperationEntry) -> Operation:
    written = entry.value
    # Later entries win: a parameter of the operation replaces one of its path with the same name and place.
    shared = document.raw["paths"][entry.path].get("parameters", [])
    parameters = {(p.name, p.where): p for p in _parameters(document, [*shared, *written.get("parameters", [])])}
    security = written.get("security", document.raw.get("security", []))
    responses = _responses(document, written["responses"])
    ranges = {
        0 if key == "default" else int(key[0]): _response(document, _status(key, written["responses"]), key, part)
        for key, part in written["responses"].items()
        if not key.isdecimal()
    }
    path, *suffix = re.split("[?#]", entry.path, maxsplit=1)
    return Operation(
        id=written["operationId"],
        method=entry.method.upper(),
        path=prefix + path,
        tag=(written.get("tags") or [""])[0],
        security=tuple(tuple(alternative) for alternative in security),
        parameters=tuple(parameters.values()),
        body=_body(document, written.get("requestBody"), responses),
        responses=responses,
        ranges=ranges,
        selectors=dict(parse_qsl("".join(suffix), keep_blank_values=True)),
    )


def _parameters(document: Document, written: list[dict[str, Any]]) -> Iterator[Parameter]:
    for part in written:
        parameter = document.resolve(part)
        where = parameter["in"]
        # OpenAPI 3.0.3, section 4.7.12: the default of `explode` depends on the style.
        style = parameter.get("style", "form" if where in ("query", "cookie") else "simple")
        schema = parameter.get("schema") or _first_media(parameter).get("schema", {})
        yield Parameter(
            name=parameter["name"],
            where=where,
            required=parameter.get("required", False),
            schema=document.resolve(schema),
            explode=parameter.get("explode", style == "form"),
            style=style,
            is_json=any(map(is_json, parameter.get("content", ()))),
            allows_empty=where == "query" and parameter.get("allowEmptyValue", False),
        )


def _body(document: Document, written: dict[str, Any] | None, responses: dict[int, Response]) -> Body | None:
    if written is None:
        return None
    body = document.resolve(written)
    content = body.get("content", {})
    media = _first_media(body)
    answer = next((response.schema for status, response in sorted(responses.items()) if status < 300), None)
    return Body(
        required=body.get("required", False),
        # A body that documents no media type is read as JSON.
        schemas={name: part.get("schema", {}) for name, part in content.items()} or {JSON: {}},
        separators={name: dict(_separators(document, part)) for name, part in content.items()},
        schema=media.get("schema", {}),
        examples=_named_examples(document, media),
        find_secrets=partial(
            secret_members, document, {"anyOf": [p.get("schema", {}) for p in content.values()]}, answer
        ),
    )


def _separators(document: Document, media: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields the lists that have one field of a form each, and what separates their values."""
    for name, encoding in media.get("encoding", {}).items():
        style = encoding.get("style", "form")
        member = properties_of(document, media.get("schema", {})).get(name, {})
        is_list = any(part.get("type") == "array" for part in parts_of(document, member))
        if is_list and style in SEPARATORS and not encoding.get("explode", style == "form"):
            yield name, SEPARATORS[style]


def _responses(document: Document, written: dict[str, Any]) -> dict[int, Response]:
    """Returns the responses by status. A range and `default` stand for one status, unless that is documented itself."""
    # The most general first, since the following entries replace it.
    keys = sorted(written, key=lambda key: (key != "default", key.isdecimal()))
    responses = {
        status: _response(document, status, key, written[key]) for key in keys for status in [_status(key, written)]
    }
    order = [_status(key, written) for key in written]
    return {status: responses[status] for status in dict.fromkeys(order)}


def _response(document: Document, status: int, key: str, written: dict[str, Any]) -> Response:
    response = document.resolve(written)
    content: dict[str, dict[str, Any]] = response.get("content", {})
    headers = {name: _header(document, part) for name, part in response.get("headers", {}).items()}
    # JSON first, then the order of the document.
    names = sorted(content, key=lambda name: name != JSON) or [JSON]
    first, *others = (
        Response(
            status=status,
            key=key,
            media_type=name,
            schema=media.get("schema"),
            examples={
                known: _parsed(document, media, value) for known, value in _named_examples(document, media).items()
            },
            example=_parsed(document, media, media.get("example")),
            has_example="example" in media,
            headers=headers,
        )
        for name in names
        for media in [content.get(name, {})]
    )
    return replace(first, alternatives=tuple(others))


def _parsed(document: Document, media: dict[str, Any], example: Any) -> Any:
    """Returns the value of an example; many generators write the one of an object as a JSON text."""
    schema = document.resolve(media.get("schema", {}))
    if isinstance(example, str) and (schema.get("type") in ("object", "array") or "properties" in schema):
        with suppress(ValueError):
            return parse_json(example)
    return example


def _header(document: Document, written: dict[str, Any]) -> Header:
    header = document.resolve(written)
    schema = header.get("schema", {"type": "string"})
    named = next(iter(_named_examples(document, header).values()), None)
    return Header(schema, header.get("example", named))


def _first_media(written: dict[str, Any]) -> dict[str, Any]:
    """Returns the media type object for JSON, else the first one, else an empty one."""
    content: dict[str, dict[str, Any]] = written.get("content", {})
    return content.get(JSON) or next(iter(content.values()), {})


def _status(key: str, written: dict[str, Any]) -> int:
    """Returns 400 for `4XX`; for `default` 200 if no success is documented, else 500."""
    if key == "default":
        return 500 if any(str(other).startswith("2") for other in written) else 200
    return int(key.upper().replace("XX", "00"))


def _named_examples(document: Document, media: dict[str, Any]) -> dict[str, Any]:
    """Returns the values of the examples; those of an `externalValue` are unknown."""
    examples = {name: document.resolve(part) for name, part in media.get("examples", {}).items()}
    return {name: example["value"] for name, example in examples.items() if "value" in example}
