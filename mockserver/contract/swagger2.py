"""Swagger 2.0, converted to OpenAPI 3.0 when a document is loaded. Source: both specifications.

Only the shape is converted; what a document has wrong stays wrong, and is interpreted afterwards like anything else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from mockserver.contract.media_types import find_match

Raw = dict[str, Any]

_METHODS = ("get", "put", "post", "delete", "options", "head", "patch")
_MOVED = {
    "#/definitions/": "#/components/schemas/",
    "#/parameters/": "#/components/parameters/",
    "#/responses/": "#/components/responses/",
}
# Keys of a parameter or a header that belong to the schema in OpenAPI 3.0.
_SCHEMA_KEYS = {
    *("type", "format", "items", "default", "enum", "pattern", "uniqueItems", "multipleOf", "x-nullable"),
    *("maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "maxItems", "minItems"),
}
_STYLES: dict[str, Raw] = {
    "csv": {"explode": False},
    "multi": {"explode": True},
    "ssv": {"style": "spaceDelimited", "explode": False},
    "pipes": {"style": "pipeDelimited", "explode": False},
}
_FLOWS = {"accessCode": "authorizationCode", "application": "clientCredentials"}
_JSON, _URLENCODED, _MULTIPART = "application/json", "application/x-www-form-urlencoded", "multipart/form-data"


def convert(document: Raw) -> Raw:
    """Returns the document as OpenAPI 3.0."""
    moved: Raw = _move_references(document)
    return _Conversion(moved).convert()


class _Conversion:
    """The conversion of one document, whose references are moved already."""

    def __init__(self, document: Raw) -> None:
        self._document = document
        self._shared: Raw = _objects(document.get("parameters"))

    def convert(self) -> Raw:
        document = self._document
        kept: Raw = {key: document[key] for key in ("info", "tags", "externalDocs", "security") if key in document}
        extensions = {key: part for key, part in document.items() if str(key).startswith("x-")}
        return {
            "openapi": "3.0.3",
            **kept,
            "servers": list(_servers(document)),
            "paths": {path: self._path(item) for path, item in _objects(document.get("paths")).items()},
            "components": {
                "schemas": {name: _schema(part) for name, part in _objects(document.get("definitions")).items()},
                "parameters": {name: _parameter(part) for name, part in self._shared.items() if not _is_in_body(part)},
                "responses": {
                    name: _response(part, self._types(document, "produces"))
                    for name, part in _objects(document.get("responses")).items()
                },
                "securitySchemes": {
                    name: _security_scheme(part) for name, part in _objects(document.get("securityDefinitions")).items()
                },
            },
            **extensions,
        }

    def _path(self, item: Raw) -> Raw:
        parameters = [self._resolved(part) for part in item.get("parameters") or ()]
        shared = [part for part in parameters if _is_in_body(part)]
        converted = {
            key: self._operation(part, shared) if key in _METHODS and isinstance(part, dict) else part
            for key, part in item.items()
        }
        if "parameters" in item:
            converted["parameters"] = [_parameter(part) for part in parameters if not _is_in_body(part)]
        return converted

    def _operation(self, operation: Raw, shared: list[Raw]) -> Raw:
        """Converts an operation; `shared` are the parts of the body that its path declares."""
        parameters = [self._resolved(part) for part in operation.get("parameters") or ()]
        converted = {key: part for key, part in operation.items() if key not in ("consumes", "produces", "schemes")}
        converted["parameters"] = [_parameter(part) for part in parameters if not _is_in_body(part)]
        own = [part for part in parameters if _is_in_body(part)]
        if body := own or shared:
            converted["requestBody"] = _body(body, self._types(operation, "consumes"))
        produces = self._types(operation, "produces")
        converted["responses"] = {
            str(status): _response(part, produces) for status, part in _objects(operation.get("responses")).items()
        }
        return converted

    def _types(self, owner: Raw, key: str) -> list[str]:
        written = owner.get(key) or self._document.get(key)
        named = [name for name in written if isinstance(name, str)] if isinstance(written, list) else []
        return named or [_JSON]

    def _resolved(self, parameter: Any) -> Raw:
        """Follows the reference of a parameter: one in the body has no place among the parameters of 3.0."""
        ref = parameter.get("$ref") if isinstance(parameter, dict) else None
        target = self._shared.get(ref.rpartition("/")[2]) if isinstance(ref, str) else None
        written: Raw = target if target is not None and _is_in_body(target) else parameter
        return written


def _objects(value: Any) -> dict[str, Raw]:
    return {key: part for key, part in value.items() if isinstance(part, dict)} if isinstance(value, dict) else {}


def _move_references(value: Any) -> Any:
    if isinstance(value, list):
        return [_move_references(part) for part in value]
    if not isinstance(value, dict):
        return value
    moved = {key: _move_references(part) for key, part in value.items()}
    if isinstance(ref := moved.get("$ref"), str):
        prefix = next((old for old in _MOVED if ref.startswith(old)), "")
        moved["$ref"] = _MOVED.get(prefix, "") + ref.removeprefix(prefix)
    return moved


def _servers(document: Raw) -> Iterator[Raw]:
    host, path = document.get("host", ""), document.get("basePath", "")
    for scheme in document.get("schemes") or ["https"]:
        yield {"url": f"{scheme}://{host}{path}" if host else path or "/"}
        if not host:
            return


def _is_in_body(parameter: Any) -> bool:
    return isinstance(parameter, dict) and parameter.get("in") in ("body", "formData")


def _parameter(written: Any) -> Any:
    if not isinstance(written, dict) or "$ref" in written:
        return written
    # 3.0 has no style for these lists: they are any text.
    separators = ("tsv",) if written.get("in") in ("query", "formData") else ("tsv", "ssv", "pipes")
    if written.get("type") == "array" and written.get("collectionFormat") in separators:
        written = {**written, "type": "string"}
    kept = {key: part for key, part in written.items() if key not in (*_SCHEMA_KEYS, "collectionFormat")}
    style = _list_style(written) if written.get("type") == "array" and written.get("in") == "query" else {}
    schema = _schema({key: written[key] for key in written if key in _SCHEMA_KEYS})
    if written.get("allowEmptyValue") is False and schema.get("type") == "string":
        schema.setdefault("minLength", 1)
    return kept | style | {"schema": schema}


def _list_style(written: Raw) -> Raw:
    """Returns how a list is written: with commas if nothing else is said."""
    return _STYLES.get(str(written.get("collectionFormat")), _STYLES["csv"])


def _schema(written: Any) -> Any:
    """Converts a schema with its parts."""
    if isinstance(written, list):
        return [_schema(part) for part in written]
    if not isinstance(written, dict):
        return written
    schema = {key: part if key in ("example", "default", "enum") else _schema(part) for key, part in written.items()}
    if schema.get("type") == "file":
        schema |= {"type": "string", "format": "binary"}
    if schema.get("x-nullable") is True:
        schema["nullable"] = True
    if isinstance(discriminator := schema.get("discriminator"), str):
        schema["discriminator"] = {"propertyName": discriminator}
    return schema


def _body(parts: list[Raw], consumes: Sequence[str]) -> Raw:
    if parts[0].get("in") == "body":
        schema = _schema(parts[0].get("schema", {}))
        content = {media_type: {"schema": schema} for media_type in consumes}
        return {"required": parts[0].get("required", False), "content": content}
    fields = {part["name"]: _parameter(part)["schema"] for part in parts if "name" in part}
    required = [part["name"] for part in parts if part.get("required") is True and "name" in part]
    schema = {"type": "object", "properties": fields} | ({"required": required} if required else {})
    has_file = any(part.get("type") == "file" for part in parts)
    encoding = {
        part["name"]: style
        for part in parts
        if "name" in part and part.get("type") == "array" and (style := _list_style(part))["explode"] is False
    }
    forms = [each for each in consumes if each in (_URLENCODED, _MULTIPART)]
    forms = forms or [_MULTIPART if has_file else _URLENCODED]
    media = {"schema": schema} | ({"encoding": encoding} if encoding else {})
    return {"required": bool(required), "content": dict.fromkeys(forms, media)}


def _response(written: Raw, produces: Sequence[str]) -> Raw:
    response = {key: part for key, part in written.items() if key not in ("schema", "examples", "headers")}
    examples = _examples_by_type(written.get("examples"), produces)
    media_types = dict.fromkeys([*(produces if "schema" in written else ()), *examples])
    content: dict[str, Raw] = {
        media_type: ({"schema": _schema(written["schema"])} if "schema" in written else {})
        for media_type in media_types
    }
    for media_type, example in examples.items():
        content[media_type]["example"] = example
    headers = {name: _parameter(part) for name, part in _objects(written.get("headers")).items()}
    return response | ({"content": content} if content else {}) | ({"headers": headers} if headers else {})


def _examples_by_type(written: Any, produces: Sequence[str]) -> Raw:
    """Returns the examples by media type; one for a range is that of all produced types in it."""
    pairs = written.items() if isinstance(written, dict) else ()
    examples = {name: example for name, example in pairs if isinstance(name, str) and "/" in name}
    spread = {produced: examples[found] for produced in produces if (found := find_match(produced, list(examples)))}
    return spread | {name: example for name, example in examples.items() if "*" not in name}


def _security_scheme(written: Raw) -> Raw:
    if written.get("type") == "basic":
        return {"type": "http", "scheme": "basic"}
    if written.get("type") != "oauth2":
        return written
    flow = str(written.get("flow", "implicit"))
    urls = {key: written[key] for key in ("authorizationUrl", "tokenUrl") if key in written}
    return {"type": "oauth2", "flows": {_FLOWS.get(flow, flow): urls | {"scopes": written.get("scopes", {})}}}
