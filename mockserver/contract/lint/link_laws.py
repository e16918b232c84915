"""Laws on links: the operation that follows, its parameters, and where their values come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import BrokenLaw, suggest
from mockserver.contract.lint.walk_objects import Node
from mockserver.contract.operations import JSON
from mockserver.contract.walk import properties_of

# Expressions that are valid in any operation.
_WHOLE = ("$url", "$method", "$statusCode", "$request.body", "$response.body")


def links_lead_to_operations(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every link names, by `operationId`, an operation of the document."""
    for pointer, _, link in contract.all("link"):
        name = link.get("operationId")
        if name not in contract.operations_by_id:
            problem = f"the link leads to no operation: `{name}`" if name else "the link has no `operationId`"
            yield BrokenLaw((*pointer, "operationId"), problem, suggest(name or "", contract.operations_by_id))


def links_give_the_parameters(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A link sets only parameters that its operation has, and all parameters of its path."""
    for pointer, _, link in contract.all("link"):
        if operation := contract.operations_by_id.get(link.get("operationId", "")):
            wanted = {part["name"]: part["in"] for _, part in operation.parameters}
            given = {_unqualified(name): name for name in link.get("parameters", {})}
            for name in given.keys() - wanted:
                problem = f"`{operation.id}` has no parameter `{name}`"
                yield BrokenLaw((*pointer, "parameters", given[name]), problem, suggest(name, wanted))
            for name in (name for name, where in wanted.items() if where == "path" and name not in given):
                problem = f"`{operation.id}` needs the parameter `{name}`"
                yield BrokenLaw(pointer, problem, f"add `{name}`, such as {name}: $response.body#/id")


def link_values_exist(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every expression of a link names a member or a parameter that the contract describes."""
    for node in contract.all("link"):
        for name, value in node.value.get("parameters", {}).items():
            # A shared link has no operation around it that could have members or parameters.
            if isinstance(value, str) and value.startswith("$") and not node.component:
                possible = _possible(contract, node, value)
                if value not in possible:
                    problem = f"`{value}` points to nothing in the contract"
                    yield BrokenLaw((*node.pointer, "parameters", name), problem, suggest(value, possible))


def _unqualified(name: str) -> str:
    """Returns the parameter `id` for `path.id`."""
    return re.sub(r"^(path|query|header|cookie)\.", "", name)


def _possible(contract: ContractIndex, node: Node, text: str) -> list[str]:
    """Returns the valid expressions that are similar to this one."""
    if text in _WHOLE:
        return [text]
    source, _, path = text.partition("#/")
    if source in ("$request.body", "$response.body"):
        return [f"{text[: text.rindex('/')]}/{name}" for name in _members(contract, node, source, path.split("/")[:-1])]
    response = contract.document.at(node.pointer[:-2])
    expressions = [f"$response.body#/{name}" for name in _members(contract, node, "$response.body", [])]
    expressions += [f"$response.header.{name}" for name in response.get("headers", {})]
    return expressions + [f"$request.{part['in']}.{part['name']}" for part in _parameters(contract, node)]


def _members(contract: ContractIndex, node: Node, source: str, path: list[str]) -> Iterable[str]:
    """Returns the members of `$request.body` or `$response.body`, or of the value at a path inside it."""
    # The pointer of a link is paths, PATH, METHOD, responses, STATUS, links, NAME.
    operation, response = contract.document.at(node.pointer[:3]), contract.document.at(node.pointer[:5])
    written = operation.get("requestBody", {}) if source == "$request.body" else response
    body = contract.document.resolve(written)
    schema = body.get("content", {}).get(JSON, {}).get("schema", {})
    for token in path:
        inside = contract.document.resolve(schema).get("items", {}) if token.isdecimal() else {}
        schema = properties_of(contract.document, schema).get(token, inside)
    return properties_of(contract.document, schema)


def _parameters(contract: ContractIndex, node: Node) -> list[dict[str, Any]]:
    owners = (operation for operation in contract.operations if operation.pointer == node.pointer[:3])
    return [part for operation in owners for _, part in operation.parameters]
