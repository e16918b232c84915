"""Laws on operations: their names, tags, summaries and security."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import BrokenLaw, join_names, suggest

_NEEDED = {"apiKey": ("name", "in"), "http": ("scheme",), "oauth2": ("flows",), "openIdConnect": ("openIdConnectUrl",)}
VERBS = ("list", "get", "create", "update", "delete", "count", "add", "remove", "leave")
_VERB_AND_NOUN = re.compile(rf"({'|'.join(VERBS)})[A-Z][A-Za-z0-9]*")


def operations_have_an_id(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every operation has an `operationId`."""
    for operation in contract.operations:
        if not operation.value.get("operationId"):
            yield BrokenLaw(operation.pointer, f"`{operation.id}` has no `operationId`", "add one, such as listItems")


def operation_ids_differ(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """No two operations have the same `operationId`, nor the same one in snake_case, which names their handlers."""
    first: dict[str, str] = {}
    for operation in contract.operations:
        handler, where = handler_name(operation.id), f"{operation.pointer[2]} {operation.path}"
        taken = first.setdefault(handler, where)
        if taken != where:
            problem = f"the handler of `{operation.id}` is `{handler}`, the same as for {taken}"
            yield BrokenLaw((*operation.pointer, "operationId"), problem, "give one of the two another noun")


def operation_ids_are_verb_and_noun(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every `operationId` is a verb of the short list and a noun, in camelCase."""
    for operation in contract.operations:
        if not _VERB_AND_NOUN.fullmatch(operation.id):
            problem = f"`{operation.id}` is not verb and noun in camelCase"
            yield BrokenLaw((*operation.pointer, "operationId"), problem, f"begin with one of {join_names(VERBS)}")


def operations_have_one_tag(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every operation has exactly one tag, and `tags` declares it."""
    declared = tag_names(contract)
    for operation in contract.operations:
        tags = operation.value.get("tags", [])
        if len(tags) != 1:
            yield BrokenLaw(operation.pointer, f"`{operation.id}` has {len(tags)} tags", "name exactly one")
        elif tags[0] not in declared:
            problem = f"the tag `{tags[0]}` is not declared"
            yield BrokenLaw((*operation.pointer, "tags"), problem, suggest(tags[0], declared))


def tags_are_described(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """`tags` lists every tag once and with a description, and at least one operation has it."""
    used = {tag for operation in contract.operations for tag in operation.value.get("tags", ())}
    times = Counter(tag_names(contract))
    for pointer, _, tag in contract.all("tag"):
        if not tag.get("description"):
            yield BrokenLaw(pointer, f"the tag `{tag['name']}` has no description", "add a sentence that explains it")
        if times[tag["name"]] > 1:
            yield BrokenLaw(pointer, f"the tag `{tag['name']}` is repeated", "keep one of them")
        if tag["name"] not in used:
            yield BrokenLaw(
                pointer, f"no operation has the tag `{tag['name']}`", "remove it, or give it to an operation"
            )


def summaries_are_titles(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every operation has a summary, a title without a final dot."""
    for operation in contract.operations:
        summary = operation.value.get("summary", "")
        if not summary.strip():
            yield BrokenLaw(operation.pointer, f"`{operation.id}` has no summary", "add its title, such as List Items")
        elif summary.endswith("."):
            problem = f"the summary of `{operation.id}` ends with a dot"
            yield BrokenLaw((*operation.pointer, "summary"), problem, "remove the dot; sentences go into description")


def security_schemes_exist(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every name in `security` is a scheme of `components.securitySchemes`."""
    schemes = contract.document.raw.get("components", {}).get("securitySchemes", {})
    for pointer, _, requirement in contract.all("requirement"):
        for name in requirement:
            if name not in schemes:
                yield BrokenLaw((*pointer, name), f"there is no security scheme `{name}`", suggest(name, schemes))


def security_schemes_are_complete(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """A security scheme has what its type needs, such as `name` and `in` for apiKey."""
    for pointer, _, scheme in contract.all("securityScheme"):
        missing = [key for key in _NEEDED[scheme["type"]] if key not in scheme]
        if missing:
            problem = f"`{pointer[-1]}` is of type {scheme['type']} without {join_names(missing)}"
            yield BrokenLaw(pointer, problem, f"add {join_names(missing)}")


def security_is_stated(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """Every operation states its security, `security: []` if it is open to everyone."""
    for operation in contract.operations:
        if "security" not in operation.value:
            problem = f"`{operation.id}` does not state its security"
            yield BrokenLaw(operation.pointer, problem, "add security:, or security: [] for an open operation")


def tag_names(contract: ContractIndex) -> list[str]:
    """Returns the declared tags in order."""
    return [tag["name"] for _, _, tag in contract.all("tag")]


def handler_name(name: str) -> str:
    """Returns an `operationId` in snake_case."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
