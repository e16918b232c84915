"""The contract as it is served: its first server is this one, so that a generated client calls the fake."""

from __future__ import annotations

import json
from typing import Any

import orjson
import yaml
from starlette.requests import Request

from mockserver.contract.document import METHODS, Document
from mockserver.contract.operations import server_path
from mockserver.text import authority_of


def render_json(document: Document, request: Request) -> bytes:
    """Renders the contract as JSON."""
    return orjson.dumps(_with_this_server(document, request))


def render_yaml(document: Document, request: Request) -> str:
    """Returns the text of the contract with one more server; everything else stays as it is written.

    A contract that was interpreted leniently is served in its strict form, which client generators understand too.
    """
    if document.notes or any(map(_has_servers, document.raw["paths"].values())):
        return yaml.dump(
            _with_this_server(document, request), Dumper=yaml.CSafeDumper, sort_keys=False, allow_unicode=True
        )
    text, tree = document.text, document.node(())
    # JSON is YAML too, and its escapes keep any Host header inside one text.
    entry = json.dumps(_this_server(document.raw, request))
    if "servers" not in document.raw:
        return _add_servers(text, tree.start_mark.index, entry, in_braces=tree.flow_style)
    servers = document.node(("servers",))
    if servers.flow_style:
        at = text.index("[", servers.start_mark.index) + 1
        return f"{text[:at]}{entry}, {text[at:]}"
    dash = text.rindex("-", 0, servers.value[0].start_mark.index)
    indent = " " * (dash - text.rfind("\n", 0, dash) - 1)
    return f"{text[:dash]}- {entry}\n{indent}{text[dash:]}"


def _with_this_server(document: Document, request: Request) -> dict[str, Any]:
    # First the keys that say what it is.
    head: dict[str, Any] = {"openapi": "", "info": {}, "servers": []}
    served = _redirected(head | document.raw, request)
    return served | {"paths": {path: _redirected_path(item, request) for path, item in served["paths"].items()}}


def _redirected_path(item: dict[str, Any], request: Request) -> dict[str, Any]:
    """Adds this server to a path and its operations, if they have servers of their own."""
    if not _has_servers(item):
        return item
    parts = {key: _redirected(part, request) if key in METHODS else part for key, part in item.items()}
    return _redirected(parts, request)


def _redirected(owner: dict[str, Any], request: Request) -> dict[str, Any]:
    return owner | {"servers": [_this_server(owner, request), *owner["servers"]]} if "servers" in owner else owner


def _has_servers(item: dict[str, Any]) -> bool:
    return "servers" in item or any("servers" in item[method] for method in METHODS if method in item)


def _add_servers(text: str, start: int, entry: str, *, in_braces: bool) -> str:
    """Adds the first member of a document, which starts at the index `start`."""
    if in_braces:
        return f'{text[: start + 1]}"servers": [{entry}], {text[start + 1 :]}'
    return f"{text[:start]}servers: [{entry}]\n{text[start:]}"


def _this_server(owner: dict[str, Any], request: Request) -> dict[str, str]:
    """Returns the server object of the requested address, with the path of the server that it replaces."""
    scheme, host = request.url.scheme, request.headers.get("host")
    if host is None:  # HTTP/1.0 allows it
        host = authority_of(*request.scope["server"])
    return {"url": f"{scheme}://{host}{server_path(owner)}", "description": "This mock server"}
