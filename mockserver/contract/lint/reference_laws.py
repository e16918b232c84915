"""Laws on `$ref`: where it leads, that the way ends, that it stands alone, and that every component is named by one."""

from __future__ import annotations

from collections.abc import Iterator

from mockserver.contract.document import Pointer
from mockserver.contract.lint.grammar import COMBINATIONS
from mockserver.contract.lint.problem import Breach, instead
from mockserver.contract.lint.survey import Node, Survey

# Components that nothing needs to name, each with the reason.
UNUSED = {("components", "schemas", "WorkspaceUpdate"): "the documentation names it, no operation takes it"}


def references_resolve(survey: Survey) -> Iterator[Breach]:
    """Every `$ref` leads to something of the right kind in the same document."""
    for reference in survey.references:
        target = survey.target(reference)
        if target is None:
            problem = f"`$ref` leads outside of this document: {reference.value['$ref']}"
            yield Breach(reference.pointer, problem, "copy what it names into components and write #/components/…")
        elif survey.kinds.get(target) != reference.kind:
            yield _astray(survey, reference, target)


def references_end(survey: Survey) -> Iterator[Breach]:
    """No chain of `$ref`, `allOf`, `anyOf`, `oneOf` and `not` leads back to its start."""
    onward = dict(_onward(survey))
    done: set[Pointer] = set()
    for start in onward:
        chain = [start]
        while chain and start not in done:
            following = next((pointer for pointer in onward.get(chain[-1], ()) if pointer not in done), None)
            if following is None:
                done.add(chain.pop())
            elif following in chain:
                name = "/".join(map(str, following))
                yield Breach(chain[-1], f"the chain leads back to #/{name}", "end it in a schema that says a type")
                done.update(chain)
            else:
                chain.append(following)


def references_stand_alone(survey: Survey) -> Iterator[Breach]:
    """A `$ref` has no sibling: OpenAPI 3.0 ignores every one, and tools do not."""
    for reference in survey.references:
        for key in reference.value:
            if key != "$ref":
                problem = f"`{key}` stands beside a `$ref`"
                yield Breach((*reference.pointer, key), problem, "move it to what the reference names, or use allOf")


def components_are_used(survey: Survey) -> Iterator[Breach]:
    """Every component is named by an operation, directly or through other components."""
    used = survey.reached(()) | UNUSED.keys()
    for pointer in survey.kinds:
        if len(pointer) == 3 and pointer[0] == "components" and pointer not in used:
            yield Breach(pointer, f"no operation leads to `{pointer[2]}`", "refer to it, or remove it")


def _astray(survey: Survey, reference: Node, target: Pointer) -> Breach:
    text = reference.value["$ref"]
    if found := survey.kinds.get(target):
        problem = f"`$ref` leads to a {found} where a {reference.kind} belongs: {text}"
    else:
        problem = f"`$ref` leads to nothing: {text}"
    named = [pointer for pointer, kind in survey.kinds.items() if kind == reference.kind and len(pointer) == 3]
    return Breach(reference.pointer, problem, instead(text, ("#/" + "/".join(map(str, name)) for name in named)))


def _onward(survey: Survey) -> Iterator[tuple[Pointer, list[Pointer]]]:
    """For each part of the document the parts that say more about the same value."""
    for reference in survey.references:
        if target := survey.target(reference):
            yield reference.pointer, [target]
    for pointer, _, schema in survey.all("schema"):
        parts = [(*pointer, key, index) for key in COMBINATIONS for index in range(len(schema.get(key, ())))]
        yield pointer, [*parts, *([(*pointer, "not")] if "not" in schema else [])]
