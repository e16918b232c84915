"""Laws on `$ref`: it leads somewhere, its chain ends, it has no siblings, and every component is used."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import Pointer
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.grammar import COMBINATIONS
from mockserver.contract.lint.lint_problem import BrokenLaw, suggest
from mockserver.contract.lint.walk_objects import Node

# Components that may be unused, each with the reason.
UNUSED = {("components", "schemas", "WorkspaceUpdate"): "the documentation names it, no operation takes it"}


def references_resolve(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every `$ref` leads to something of the right kind in the same document."""
    for reference in contract.references:
        target = contract.target(reference)
        if target is None:
            problem = f"`$ref` leads outside of this document: {reference.value['$ref']}"
            yield BrokenLaw(reference.pointer, problem, "copy what it names into components and write #/components/…")
        elif contract.kinds.get(target) != reference.kind:
            yield _astray(contract, reference, target)


def references_end(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """No chain of `$ref`, `allOf`, `anyOf`, `oneOf` and `not` leads back to its start."""
    onward = dict(_onward(contract))
    # A depth-first search; parts in `done` lead to no cycle, or to one that is reported.
    done: set[Pointer] = set()
    for start in onward:
        chain = [start]
        while chain and start not in done:
            following = next((pointer for pointer in onward.get(chain[-1], ()) if pointer not in done), None)
            if following is None:
                done.add(chain.pop())
            elif following in chain:
                name = "/".join(map(str, following))
                yield BrokenLaw(chain[-1], f"the chain leads back to #/{name}", "end it in a schema that says a type")
                done.update(chain)
            else:
                chain.append(following)


def references_name_components(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every `$ref` names a component: what lies elsewhere belongs to one place."""
    for reference in contract.references:
        target = contract.target(reference)
        if target is not None and (len(target) != 3 or target[0] != "components"):
            problem = f"`$ref` leads into another part of the document: {reference.value['$ref']}"
            yield BrokenLaw(reference.pointer, problem, "move what it names into components")


def references_stand_alone(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A `$ref` has no sibling: OpenAPI 3.0 ignores every one, and tools do not."""
    for reference in contract.references:
        for key in reference.value:
            if key != "$ref":
                problem = f"`{key}` is next to a `$ref`"
                yield BrokenLaw((*reference.pointer, key), problem, "move it to what the reference names, or use allOf")


def components_are_used(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every component is used by an operation, directly or through other components."""
    used = contract.reached(()) | UNUSED.keys()
    for pointer in contract.kinds:
        if len(pointer) == 3 and pointer[0] == "components" and pointer not in used:
            yield BrokenLaw(pointer, f"no operation leads to `{pointer[2]}`", "refer to it, or remove it")


def _astray(contract: ContractIndex, reference: Node, target: Pointer) -> BrokenLaw:
    text = reference.value["$ref"]
    if found := contract.kinds.get(target):
        problem = f"`$ref` leads to a {found} where a {reference.kind} belongs: {text}"
    else:
        problem = f"`$ref` leads to nothing: {text}"
    named = [pointer for pointer, kind in contract.kinds.items() if kind == reference.kind and len(pointer) == 3]
    return BrokenLaw(reference.pointer, problem, suggest(text, ("#/" + "/".join(map(str, name)) for name in named)))


def _onward(contract: ContractIndex) -> Iterator[tuple[Pointer, list[Pointer]]]:
    """Yields, for each reference and schema, the schemas that describe the same value."""
    for reference in contract.references:
        if target := contract.target(reference):
            yield reference.pointer, [target]
    for pointer, _, schema in contract.all("schema"):
        parts = [(*pointer, key, index) for key in COMBINATIONS for index in range(len(schema.get(key, ())))]
        yield pointer, [*parts, *([(*pointer, "not")] if "not" in schema else [])]
