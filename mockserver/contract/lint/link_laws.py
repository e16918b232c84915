"""Laws on links: the operation that follows, its parameters, and where their values come from."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from mockserver.contract.lint.problem import Breach, instead
from mockserver.contract.lint.survey import Node, Survey
from mockserver.contract.operations import JSON
from mockserver.contract.walk import properties_of

# Expressions that point to something in any operation.
_WHOLE = ("$url", "$method", "$statusCode", "$request.body", "$response.body")


def links_lead_to_operations(survey: Survey) -> Iterator[Breach]:
    """Every link names, by `operationId`, an operation of the document."""
    for pointer, _, link in survey.all("link"):
        name = link.get("operationId")
        if name not in survey.operations_by_id:
            problem = f"the link leads to no operation: `{name}`" if name else "the link has no `operationId`"
            yield Breach((*pointer, "operationId"), problem, instead(name or "", survey.operations_by_id))


def links_give_the_parameters(survey: Survey) -> Iterator[Breach]:
    """A link gives parameters that its operation has, and all those of its path."""
    for pointer, _, link in survey.all("link"):
        if operation := survey.operations_by_id.get(link.get("operationId", "")):
            wanted = {part["name"]: part["in"] for _, part in operation.parameters}
            given = {_unqualified(name): name for name in link.get("parameters", {})}
            for name in given.keys() - wanted:
                problem = f"`{operation.id}` has no parameter `{name}`"
                yield Breach((*pointer, "parameters", given[name]), problem, instead(name, wanted))
            for name in (name for name, where in wanted.items() if where == "path" and name not in given):
                problem = f"`{operation.id}` needs the parameter `{name}`"
                yield Breach(pointer, problem, f"add `{name}`, such as {name}: $response.body#/id")


def link_values_exist(survey: Survey) -> Iterator[Breach]:
    """Where a link takes a value from is a member or a parameter that is described."""
    for node in survey.all("link"):
        for name, value in node.value.get("parameters", {}).items():
            # A shared link has no operation around it that could be asked.
            if isinstance(value, str) and value.startswith("$") and not node.component:
                possible = _possible(survey, node, value)
                if value not in possible:
                    problem = f"`{value}` points to nothing that is described"
                    yield Breach((*node.pointer, "parameters", name), problem, instead(value, possible))


def _unqualified(name: str) -> str:
    """`path.id` names the parameter `id`."""
    return re.sub(r"^(path|query|header|cookie)\.", "", name)


def _possible(survey: Survey, node: Node, text: str) -> list[str]:
    """The expressions like this one that point to something."""
    if text in _WHOLE:
        return [text]
    source, _, way = text.partition("#/")
    if source in ("$request.body", "$response.body"):
        return [f"{text[: text.rindex('/')]}/{name}" for name in _members(survey, node, source, way.split("/")[:-1])]
    answer = survey.document.at(node.pointer[:-2])
    expressions = [f"$response.body#/{name}" for name in _members(survey, node, "$response.body", [])]
    expressions += [f"$response.header.{name}" for name in answer.get("headers", {})]
    return expressions + [f"$request.{part['in']}.{part['name']}" for part in _parameters(survey, node)]


def _members(survey: Survey, node: Node, source: str, way: list[str]) -> Iterable[str]:
    """The members of a body, or of what lies inside it."""
    body = survey.document.at(node.pointer[:-2])
    if source == "$request.body":
        body = survey.document.resolve(survey.document.at(node.pointer[:3]).get("requestBody", {}))
    schema = body.get("content", {}).get(JSON, {}).get("schema", {})
    for token in way:
        inside = survey.document.resolve(schema).get("items", {}) if token.isdecimal() else {}
        schema = properties_of(survey.document, schema).get(token, inside)
    return properties_of(survey.document, schema)


def _parameters(survey: Survey, node: Node) -> list[dict[str, Any]]:
    owners = (operation for operation in survey.operations if operation.pointer == node.pointer[:3])
    return [part for operation in owners for _, part in operation.parameters]
