"""Laws on operations: their names, tags and summaries. What they answer is in `responses`."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from mockserver.contract.lint.problem import Breach, instead, listed
from mockserver.contract.lint.survey import Survey

VERBS = ("list", "get", "create", "update", "delete", "count", "add", "remove", "leave")
_VERB_AND_NOUN = re.compile(rf"({'|'.join(VERBS)})[A-Z][A-Za-z0-9]*")


def operations_have_an_id(survey: Survey) -> Iterator[Breach]:
    """Every operation has an `operationId`."""
    for operation in survey.operations:
        if not operation.value.get("operationId"):
            yield Breach(operation.pointer, f"`{operation.id}` has no `operationId`", "add one, such as listItems")


def operation_ids_differ(survey: Survey) -> Iterator[Breach]:
    """No two operations have the same `operationId`, nor the same one in snake_case, which names their handlers."""
    first: dict[str, str] = {}
    for operation in survey.operations:
        handler, place = _snake_case(operation.id), f"{operation.pointer[2]} {operation.path}"
        taken = first.setdefault(handler, place)
        if taken != place:
            problem = f"the handler of `{operation.id}` is `{handler}`, and so is that of {taken}"
            yield Breach((*operation.pointer, "operationId"), problem, "give one of the two another noun")


def operation_ids_are_verb_and_noun(survey: Survey) -> Iterator[Breach]:
    """Every `operationId` is a verb of the short list and a noun, in camelCase."""
    for operation in survey.operations:
        if not _VERB_AND_NOUN.fullmatch(operation.id):
            problem = f"`{operation.id}` is not verb and noun in camelCase"
            yield Breach((*operation.pointer, "operationId"), problem, f"begin with one of {listed(VERBS)}")


def operations_have_one_tag(survey: Survey) -> Iterator[Breach]:
    """Every operation has exactly one tag, and `tags` declares it."""
    declared = tag_names(survey)
    for operation in survey.operations:
        tags = operation.value.get("tags", [])
        if len(tags) != 1:
            yield Breach(operation.pointer, f"`{operation.id}` has {len(tags)} tags", "name the one it belongs to")
        elif tags[0] not in declared:
            problem = f"the tag `{tags[0]}` is not declared"
            yield Breach((*operation.pointer, "tags"), problem, instead(tags[0], declared))


def tags_are_described(survey: Survey) -> Iterator[Breach]:
    """Every tag stands once in `tags`, with a description, and an operation has it."""
    used = {tag for operation in survey.operations for tag in operation.value.get("tags", ())}
    times = Counter(tag_names(survey))
    for pointer, _, tag in survey.all("tag"):
        if not tag.get("description"):
            yield Breach(pointer, f"the tag `{tag['name']}` has no description", "add a sentence on what it is")
        if times[tag["name"]] > 1:
            yield Breach(pointer, f"the tag `{tag['name']}` stands twice", "keep one of them")
        if tag["name"] not in used:
            yield Breach(pointer, f"no operation has the tag `{tag['name']}`", "remove it, or give it to an operation")


def summaries_are_titles(survey: Survey) -> Iterator[Breach]:
    """Every operation has a summary, a title without a final dot."""
    for operation in survey.operations:
        summary = operation.value.get("summary", "")
        if not summary.strip():
            yield Breach(operation.pointer, f"`{operation.id}` has no summary", "add its title, such as List Items")
        elif summary.endswith("."):
            problem = f"the summary of `{operation.id}` ends with a dot"
            yield Breach((*operation.pointer, "summary"), problem, "remove the dot; sentences go into description")


def tag_names(survey: Survey) -> list[str]:
    """The declared tags in order."""
    return [tag["name"] for _, _, tag in survey.all("tag")]


def _snake_case(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[^A-Za-z0-9]+", "_", name).lower()
