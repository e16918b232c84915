"""Index of a document for the laws: every object with its kind and pointer, the references, the directions of schemas.

Laws do not belong here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterable
from functools import cached_property
from typing import Any, NamedTuple

from mockserver.contract.document import Document, Pointer, Schema, pointer_of
from mockserver.contract.lint.walk_objects import Node, walk_objects
from mockserver.contract.schemas import Direction, Schemas


class ResolvedParameter(NamedTuple):
    """A parameter with its `$ref` followed, and the pointer to where the operation or its path lists it."""

    pointer: Pointer
    value: dict[str, Any]


class WrittenOperation(NamedTuple):
    """One operation as it is written, with the parameters of its path among its own."""

    pointer: Pointer
    value: dict[str, Any]
    parameters: list[ResolvedParameter]

    @property
    def path(self) -> str:
        return str(self.pointer[1])

    @property
    def id(self) -> str:
        return self.value.get("operationId") or f"{self.pointer[2]} {self.path}"


class ContractIndex:
    """What the laws ask about a document. Values that do not fit the grammar are left out; `value_types` reports them.

    The properties are computed on first use, not in the constructor: each of them relies on laws that were checked
    before, such as `operations` on the laws of form.
    """

    def __init__(self, document: Document, words: Container[str] = ()) -> None:
        self.document, self.words = document, words
        self.lines = document.text.splitlines()

    @cached_property
    def objects(self) -> list[Node]:
        return [node for node in self._walked if not node.is_reference]

    @cached_property
    def references(self) -> list[Node]:
        """All `{$ref: …}`; their kind is that of the object for which they stand."""
        return [node for node in self._walked if node.is_reference]

    @cached_property
    def kinds(self) -> dict[Pointer, str]:
        return {node.pointer: node.kind for node in self._walked}

    @cached_property
    def _walked(self) -> list[Node]:
        return list(walk_objects(self.document.raw))

    def all(self, kind: str) -> list[Node]:
        """Returns all objects of one kind, in document order."""
        return [node for node in self.objects if node.kind == kind]

    def target(self, reference: Node) -> Pointer | None:
        """Returns the pointer in a `$ref`; None if it does not point into this document."""
        text = reference.value["$ref"]
        return pointer_of(text) if isinstance(text, str) and text.startswith("#/") else None

    @cached_property
    def operations(self) -> list[WrittenOperation]:
        """All operations that are served; those of callbacks lie deeper."""
        nodes = (node for node in self.all("operation") if len(node.pointer) == 3)
        return [WrittenOperation(node.pointer, node.value, self._parameters(node)) for node in nodes]

    @property
    def operations_by_id(self) -> dict[str, WrittenOperation]:
        return {operation.id: operation for operation in self.operations}

    @property
    def component_schemas(self) -> list[Node]:
        """The schemas with a name, without those that are a mere `$ref`."""
        return [node for node in self.all("schema") if node.pointer == node.component]

    def reached(self, start: Pointer) -> set[Pointer]:
        """Returns the components to which references lead from a component; from all operations, if it is `()`."""
        reached: set[Pointer] = set()
        queue = [start]
        while queue:
            found = self._targets.get(queue.pop(), set()) - reached
            reached |= found
            queue += found
        return reached

    def directions(self, node: Node) -> set[Direction]:
        """Returns the directions in which a part of the document travels; none for a schema that nothing uses."""
        if node.component[:2] == ("components", "schemas"):
            return self._component_directions[node.component]
        return {_direction(node.pointer)}

    def find_fault(self, schema: Schema, value: Any, directions: Iterable[Direction] = ("request",)) -> str | None:
        """Returns the message of the validator if a value is valid in none of the directions."""
        message = None
        for direction in directions:
            error = next(self._schemas[direction].validator(schema).iter_errors(value), None)
            if error is None:
                return None
            where = "/".join(map(str, error.instance_path))
            message = f"{error.message} at {where}" if where else error.message
        return message

    @cached_property
    def _schemas(self) -> dict[Direction, Schemas]:
        return {"request": Schemas(self.document, "request"), "response": Schemas(self.document, "response")}

    def _parameters(self, node: Node) -> list[ResolvedParameter]:
        merged: dict[tuple[str, str], ResolvedParameter] = {}
        for owner in (node.pointer[:2], node.pointer):
            for index, part in enumerate(self.document.at(owner).get("parameters", ())):
                parameter = self.document.resolve(part)
                pointer = (*owner, "parameters", index)
                merged[parameter["name"], parameter["in"]] = ResolvedParameter(pointer, parameter)
        return list(merged.values())

    @cached_property
    def _targets(self) -> dict[Pointer, set[Pointer]]:
        """The components to which each component refers directly; under `()`, those to which all else refers."""
        targets: dict[Pointer, set[Pointer]] = defaultdict(set)
        for reference in self.references:
            targets[reference.component].add(pointer_of(reference.value["$ref"])[:3])
        for requirement in self.all("requirement"):
            targets[()] |= {("components", "securitySchemes", name) for name in requirement.value}
        return targets

    @cached_property
    def _component_directions(self) -> defaultdict[Pointer, set[Direction]]:
        directions: defaultdict[Pointer, set[Direction]] = defaultdict(set)
        for reference in self.references:
            if reference.kind == "schema" and reference.component[:2] != ("components", "schemas"):
                target = pointer_of(reference.value["$ref"])[:3]
                for component in {target, *self.reached(target)}:
                    directions[component].add(_direction(reference.pointer))
        return directions


def _direction(pointer: Pointer) -> Direction:
    """Returns the direction of a part outside of `components.schemas`."""
    is_response = pointer[3:4] == ("responses",) or pointer[1:2] in (("responses",), ("headers",), ("links",))
    return "response" if is_response else "request"
