"""The document as the laws look at it: every object of the grammar with its place, who refers to whom, and in which
direction a schema travels. Worked out once, on demand. No law stands here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

from mockserver.contract.document import Document, Pointer, Schema, pointer_of
from mockserver.contract.lint.grammar import OBJECT_FORMS, REFERABLE
from mockserver.contract.schemas import Direction, Schemas


class Node(NamedTuple):
    """One object of the document, or the `{$ref: …}` that stands in its place."""

    pointer: Pointer
    kind: str
    value: dict[str, Any]

    @property
    def component(self) -> Pointer:
        """The component in which it stands; empty for what stands outside of `components`."""
        return self.pointer[:3] if self.pointer[:1] == ("components",) else ()


class WrittenOperation(NamedTuple):
    """One operation; `parameters` are those of its path too, `$ref` followed, each with the place that names it."""

    pointer: Pointer
    value: dict[str, Any]
    parameters: list[tuple[Pointer, dict[str, Any]]]

    @property
    def path(self) -> str:
        return str(self.pointer[1])

    @property
    def id(self) -> str:
        return self.value.get("operationId") or f"{self.pointer[2]} {self.path}"


@dataclass(frozen=True)
class Survey:
    """What the laws ask of a document. What is not of the grammar's form is left out, `value_types` reports it."""

    document: Document
    words: Container[str] = ()
    _compiled: dict[Direction, Schemas] = field(default_factory=dict, repr=False)

    @cached_property
    def lines(self) -> list[str]:
        """The text, line by line."""
        return self.document.text.splitlines()

    def all(self, kind: str) -> list[Node]:
        """All objects of one kind, in document order."""
        return self._nodes[kind]

    @cached_property
    def objects(self) -> list[Node]:
        """All objects."""
        return [node for nodes in self._nodes.values() for node in nodes]

    @cached_property
    def references(self) -> list[Node]:
        """All `{$ref: …}`; the kind is that of the object they stand for."""
        return [node for node in self._walked if _is_reference(node)]

    @cached_property
    def kinds(self) -> dict[Pointer, str]:
        """What stands where."""
        return {node.pointer: node.kind for node in self._walked}

    @cached_property
    def _walked(self) -> list[Node]:
        found: list[Node] = []
        _walk(Node((), "document", self.document.raw), found)
        return found

    @cached_property
    def _nodes(self) -> defaultdict[str, list[Node]]:
        nodes = defaultdict(list)
        for node in self._walked:
            if not _is_reference(node):
                nodes[node.kind].append(node)
        return nodes

    def target(self, reference: Node) -> Pointer | None:
        """Where a `$ref` leads; None if that is no place of this document."""
        text = reference.value["$ref"]
        return pointer_of(text) if isinstance(text, str) and text.startswith("#/") else None

    @cached_property
    def operations(self) -> list[WrittenOperation]:
        """All operations that are served."""
        nodes = (node for node in self.all("operation") if len(node.pointer) == 3)
        return [WrittenOperation(node.pointer, node.value, list(self._parameters(node))) for node in nodes]

    @cached_property
    def operations_by_id(self) -> dict[str, WrittenOperation]:
        return {operation.id: operation for operation in self.operations}

    def _parameters(self, node: Node) -> Iterator[tuple[Pointer, dict[str, Any]]]:
        merged: dict[tuple[str, str], tuple[Pointer, dict[str, Any]]] = {}
        for owner in (node.pointer[:2], node.pointer):
            for index, part in enumerate(self.document.at(owner).get("parameters", ())):
                parameter = self.document.resolve(part)
                merged[parameter["name"], parameter["in"]] = ((*owner, "parameters", index), parameter)
        yield from merged.values()

    @cached_property
    def component_schemas(self) -> list[Node]:
        """The schemas with a name, without those that only stand for another."""
        return [node for node in self.all("schema") if node.pointer == node.component]

    @cached_property
    def targets(self) -> dict[Pointer, set[Pointer]]:
        """For each component, and for all that stands outside under `()`: the components that it names."""
        targets: dict[Pointer, set[Pointer]] = defaultdict(set)
        for reference in self.references:
            targets[reference.component].add(pointer_of(reference.value["$ref"])[:3])
        for requirement in self.all("requirement"):
            targets[()] |= {("components", "securitySchemes", name) for name in requirement.value}
        return targets

    def reached(self, start: Pointer) -> set[Pointer]:
        """The components to which references lead from a component, or from `()`: from all operations."""
        reached: set[Pointer] = set()
        queue = [start]
        while queue:
            found = self.targets.get(queue.pop(), set()) - reached
            reached |= found
            queue += found
        return reached

    def directions(self, node: Node) -> set[Direction]:
        """The ways in which a part of the document travels; a schema that no operation names travels in none."""
        if node.component[:2] == ("components", "schemas"):
            return self._component_directions[node.component]
        return {_direction(node.pointer)}

    @cached_property
    def _component_directions(self) -> defaultdict[Pointer, set[Direction]]:
        directions: defaultdict[Pointer, set[Direction]] = defaultdict(set)
        for reference in self.references:
            if reference.kind == "schema" and reference.component[:2] != ("components", "schemas"):
                target = pointer_of(reference.value["$ref"])[:3]
                for component in {target, *self.reached(target)}:
                    directions[component].add(_direction(reference.pointer))
        return directions

    def objection(self, schema: Schema, value: Any, directions: Iterable[Direction] = ("request",)) -> str | None:
        """Why a value is valid in none of the directions, or None."""
        problem = None
        for direction in directions:
            error = next(self._schemas(direction).validator(schema).iter_errors(value), None)
            if error is None:
                return None
            place = "/".join(map(str, error.instance_path))
            problem = f"{error.message} at {place}" if place else error.message
        return problem

    def _schemas(self, direction: Direction) -> Schemas:
        if direction not in self._compiled:
            self._compiled[direction] = Schemas(self.document, direction)
        return self._compiled[direction]


def _walk(node: Node, found: list[Node]) -> None:
    found.append(node)
    if _is_reference(node):
        return
    forms = OBJECT_FORMS[node.kind]
    for key, value in node.value.items():
        if form := forms.get(key) or (None if key.startswith("x-") else forms.get("*")):
            kind = form.kind.removeprefix("flag/")
            for way, part in form.elements(value):
                if isinstance(part, dict):
                    _walk(Node((*node.pointer, key, *way), kind, part), found)


def _is_reference(node: Node) -> bool:
    return "$ref" in node.value and node.kind in REFERABLE


def _direction(pointer: Pointer) -> Direction:
    """The way of what stands outside of `components.schemas`."""
    answers = pointer[3:4] == ("responses",) or pointer[1:2] in (("responses",), ("headers",), ("links",))
    return "response" if answers else "request"
