"""Violations: what a validator found, told to people as where, received and documented.

The only place where errors of the validator become sentences. Which stage found them and whether they block is not
decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from jsonschema_rs import Draft4Validator, ValidationError

from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Violation
from mockserver.secrets import MASK, is_secret_name, mask_text, mask_value

_LONGEST = 60
# A megabyte may break the contract at every other byte; the validator takes its time over each.
MOST = 100
LONGEST_READ_TO_THE_END = 32_768

_DOCUMENTED: dict[str, Callable[[dict[str, Any]], str]] = {
    "type": lambda kind: " or ".join(kind["types"]),
    "enum": lambda kind: "one of " + ", ".join(map(_json, kind["options"])),
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
}


def violations_of(validator: Draft4Validator, value: Any, secret_names: frozenset[str]) -> list[Violation]:
    """The violations of one message in the order of their places: all, or the first `MOST`."""
    return _sorted(islice(validator.iter_errors(value), MOST), secret_names)


def first_violation_of(validator: Draft4Validator, value: Any, secret_names: frozenset[str]) -> list[Violation]:
    """Enough for a long message, as the validator cannot stop half-way."""
    try:
        validator.validate(value)
    except ValidationError as error:
        return _sorted([error], secret_names)
    return []


def _sorted(errors: Iterable[ValidationError], secret_names: frozenset[str]) -> list[Violation]:
    found: dict[tuple[str, str], Violation] = {}
    for error in errors:
        for violation in _tell(error, secret_names):
            found.setdefault((violation.where, violation.rule), violation)
    return sorted(found.values(), key=lambda violation: violation.where)


def _tell(error: ValidationError, secret_names: frozenset[str]) -> Iterator[Violation]:
    kind = error.kind.name
    if kind in ("oneOf", "anyOf") and (branches := getattr(error.kind, "context", None)):
        for part in _closest_branch(branches):
            yield from _tell(part, secret_names)
        return
    details = error.kind.as_dict()
    where = [*error.instance_path, *([details["property"]] if kind == "required" else [])]
    yield Violation(
        where=mask_text(".".join(map(str, where))),
        rule=kind,
        received="nothing" if kind == "required" else tell_value(where, error.instance, secret_names),
        documented="required" if kind == "required" else _documented(kind, details),
    )


def _documented(kind: str, details: dict[str, Any]) -> str:
    if kind == "additionalProperties":
        return "no member named " + ", ".join(map(mask_text, details["unexpected"]))
    if kind in ("oneOf", "anyOf"):
        return "exactly one of several shapes"
    describe = _DOCUMENTED.get(kind)
    return describe(details) if describe else kind


def tell_value(where: Sequence[str | int], value: Any, secret_names: frozenset[str]) -> str:
    """What was received at this place, cut to a readable length and without secrets."""
    if any(isinstance(key, str) and (key in secret_names or is_secret_name(key)) for key in where):
        return MASK
    return _json(mask_value(value, secret_names))


def _json(value: Any) -> str:
    text = write_json(value).decode()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def _closest_branch(branches: list[list[ValidationError]]) -> Iterable[ValidationError]:
    """The branch that the client meant: one whose fixed members fit, and of those the one with the fewest errors.

    If no branch has its fixed members, the client named none of them: the choices of all are told as one.
    """
    fitting = [branch for branch in branches if not any(_is_fixed_member(error) for error in branch)]
    if fitting:
        return min(fitting, key=len)
    return _joined([next(error for error in branch if _is_fixed_member(error)) for branch in branches])


def _is_fixed_member(error: ValidationError) -> bool:
    return error.kind.name == "enum" and len(error.kind.as_dict()["options"]) == 1


class _Choice:
    """Several one-value enums at one place, told like a single enum."""

    def __init__(self, errors: list[ValidationError]) -> None:
        self.instance, self.instance_path, self.kind = errors[0].instance, errors[0].instance_path, self
        self.name, self._options = "enum", [option for e in errors for option in e.kind.as_dict()["options"]]

    def as_dict(self) -> dict[str, Any]:
        return {"options": self._options}


def _joined(errors: list[ValidationError]) -> Iterable[Any]:
    places = {tuple(error.instance_path) for error in errors}
    return [_Choice(errors)] if len(places) == 1 else [errors[0]]
