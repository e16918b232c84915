"""Violations from the errors of a validator: where, received and documented. No other file words them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from jsonschema_rs import ValidationError

from mockserver.contract.schemas import Validator
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Violation
from mockserver.secrets import MASK, SecretMembers, mask_text

MAX_VIOLATIONS = 100
_MAX_VALUE_LENGTH = 60
_MAX_MASKED_LENGTH = 4_096

_DOCUMENTED: dict[str, Callable[[dict[str, Any]], str]] = {
    "type": lambda kind: " or ".join(kind["types"]),
    "enum": lambda kind: "one of " + ", ".join(map(_render_json, kind["options"])),
    "minimum": lambda kind: f"at least {kind['limit']}",
    "maximum": lambda kind: f"at most {kind['limit']}",
    "exclusiveMinimum": lambda kind: f"more than {kind['limit']}",
    "exclusiveMaximum": lambda kind: f"less than {kind['limit']}",
    "multipleOf": lambda kind: f"a multiple of {kind['multiple_of']}",
    "minLength": lambda kind: f"at least {kind['limit']} characters",
    "maxLength": lambda kind: f"at most {kind['limit']} characters",
    "minItems": lambda kind: f"at least {kind['limit']} entries",
    "maxItems": lambda kind: f"at most {kind['limit']} entries",
    "minProperties": lambda kind: f"at least {kind['limit']} member(s)",
    "maxProperties": lambda kind: f"at most {kind['limit']} member(s)",
    "pattern": lambda kind: f"a text that matches {kind['pattern']}",
    "format": lambda kind: f"a text in the format {kind['format']}",
    "uniqueItems": lambda kind: "no entry twice",
    "not": lambda kind: "something else",
    "falseSchema": lambda kind: "nothing",
    "additionalProperties": lambda kind: "no member named " + ", ".join(map(mask_text, kind["unexpected"])),
    "oneOf": lambda kind: "exactly one of several shapes",
    "anyOf": lambda kind: "one of several shapes",
}


def find_violations(validator: Validator, value: Any, secrets: SecretMembers) -> list[Violation]:
    """Returns the violations of a message by location, at most `MAX_VIOLATIONS`."""
    return _describe_errors(islice(validator.iter_errors(value), MAX_VIOLATIONS), secrets)


def find_first_violation(validator: Validator, value: Any, secrets: SecretMembers) -> list[Violation]:
    """Returns the first violation of a message, for messages too long to find all."""
    try:
        validator.validate(value)
    except ValidationError as error:
        return _describe_errors([error], secrets)
    return []


def describe_value(where: Sequence[str | int], value: Any, secrets: SecretMembers) -> str:
    """Renders the value received at this location: short, and masked if it is a secret."""
    if secrets.hides(where):
        return MASK
    # Each part takes a character at least, so later ones would be cut off. Masking all of 1 MB takes 0.3 seconds.
    return _render_json(secrets.mask(_abridge(value, iter(range(_MAX_VALUE_LENGTH)))))


def _abridge(value: Any, parts: Iterator[int]) -> Any:
    """Copies the first parts of a JSON value, as many as `parts` has left."""
    if isinstance(value, dict):
        return {name: _abridge(part, parts) for _, (name, part) in zip(parts, value.items(), strict=False)}
    if isinstance(value, list):
        return [_abridge(part, parts) for _, part in zip(parts, value, strict=False)]
    return value if not isinstance(value, str) or len(value) <= _MAX_MASKED_LENGTH else _cut(value)


def _cut(text: str) -> str:
    """Cuts a text between two words, because half a key is not recognized as a secret."""
    first = text[:_MAX_MASKED_LENGTH]
    return first.rpartition(" ")[0] or first


def _describe_errors(errors: Iterable[ValidationError], secrets: SecretMembers) -> list[Violation]:
    found: dict[tuple[str, str], Violation] = {}
    for error in errors:
        for violation in _describe_error(error, secrets):
            found.setdefault((violation.location, violation.rule), violation)
    return sorted(found.values(), key=lambda violation: violation.location)


def _describe_error(error: ValidationError, secrets: SecretMembers) -> Iterator[Violation]:
    keyword = error.kind.name
    branches = getattr(error.kind, "context", None)
    # A value that fits two branches of a `oneOf` has no errors in them.
    if branches and all(branches):
        yield from _describe_branches(branches, secrets)
        return
    details, where = error.kind.as_dict(), tuple(error.instance_path)
    if keyword == "required":
        yield Violation((*where, details["property"]), keyword, "nothing", "required")
    else:
        describe = _DOCUMENTED.get(keyword)
        documented = describe(details) if describe else keyword
        yield Violation(where, keyword, describe_value(where, error.instance, secrets), documented)


def _describe_branches(branches: list[list[ValidationError]], secrets: SecretMembers) -> Iterator[Violation]:
    """Describes the branch that the client probably meant.

    That is one whose discriminating members fit, and among those the one with the fewest errors. If no branch fits, the
    client named none of them, so that the values that all branches document are listed.
    """
    fitting = [branch for branch in branches if not any(map(_discriminates, branch))]
    if fitting:
        for error in min(fitting, key=len):
            yield from _describe_error(error, secrets)
        return
    choices = [next(filter(_discriminates, branch)) for branch in branches]
    first, where = choices[0], tuple(choices[0].instance_path)
    if any(tuple(error.instance_path) != where for error in choices):
        yield from _describe_error(first, secrets)
        return
    options = [option for error in choices for option in error.kind.as_dict()["options"]]
    received = describe_value(where, first.instance, secrets)
    yield Violation(where, "enum", received, _DOCUMENTED["enum"]({"options": options}))


def _discriminates(error: ValidationError) -> bool:
    """True for an enum of one value, such as the id of a provider."""
    return error.kind.name == "enum" and len(error.kind.as_dict()["options"]) == 1


def _render_json(value: Any) -> str:
    text = write_json(value).decode()
    return text if len(text) <= _MAX_VALUE_LENGTH else text[: _MAX_VALUE_LENGTH - 1] + "…"
