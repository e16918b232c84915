"""Echo: a generated answer shows the path keys, filters and body members of its request.

Their locations in the answer are compiled from the contract. A value is only echoed where it is valid, and dependent
values follow it: copies of an e-mail address, the other members of a vocabulary row. Secrets are never echoed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from mockserver.contract.document import Document, Schema
from mockserver.contract.operations import Operation, Response
from mockserver.contract.schemas import Schemas, Validator
from mockserver.contract.walk import properties_of
from mockserver.payloads import Vocabulary

# Member names that lead from a record of the answer to one of its members.
ResponsePath: TypeAlias = tuple[str, ...]

MAX_DEPTH = 3  # levels of the answer that are searched for a member of the request body


@dataclass(frozen=True)
class _Key:
    """A member that identifies a record. `rows` are the vocabulary's records by its value, as members of the answer."""

    name: str
    is_valid: Callable[[Any], bool]
    rows: dict[Any, dict[str, Any]]

    def put(self, holder: dict[str, Any], value: Any) -> None:
        holder[self.name] = value
        if self.rows and isinstance(value, (str, int)):
            holder.update(self.rows.get(value, {}))


@dataclass(frozen=True)
class _Target:
    """The location of an echoed value. `keys` are the members by which the request may name a related record.

    A free value replaces the one in the answer; an object with documented members is merged into it.
    """

    name: str
    path: ResponsePath
    own: _Key
    keys: tuple[_Key, ...]
    is_free: bool


class Echo:
    """The echo of one operation's success. In a list, every record echoes."""

    def __init__(
        self,
        document: Document,
        schemas: Schemas,
        vocabulary: Vocabulary,
        operation: Operation,
        response: Response,
    ) -> None:
        schema = document.resolve(response.schema or {})
        self._document, self._schemas, self._vocabulary = document, schemas, vocabulary
        self._record = document.resolve(schema["items"]) if schema.get("type") == "array" else schema
        self._path = list(self._path_targets(operation))
        self._query = list(self._filter_targets(operation))
        self._body = list(self._body_targets(operation))

    def __call__(self, answer: Any, path: Mapping[str, Any], query: Mapping[str, Any], body: Any) -> None:
        """Changes `answer`."""
        for record in answer if isinstance(answer, list) else [answer]:
            if isinstance(record, dict):
                _put_all(self._query, query, record)
                _put_all(self._path, path, record)
        if isinstance(answer, dict) and isinstance(body, dict):
            _put_all(self._body, body, answer)

    def _path_targets(self, operation: Operation) -> Iterator[_Target]:
        """Yields the targets of path keys: a key at the end names the record, any other one names a parent record."""
        segments = operation.path.split("/")
        for index, segment in enumerate(segments):
            if not segment.startswith("{"):
                continue
            name, parent = segment[1:-1], segments[index - 1].removesuffix("s")
            own = index == len(segments) - 1
            member = ("id" if name.endswith("Id") else name) if own else self._relation(parent)
            if member is not None and (target := self._target(name, (member,))) is not None:
                yield target

    def _relation(self, parent: str) -> str | None:
        members = properties_of(self._document, self._record)
        return next((name for name in members if name == parent or name.endswith("_" + parent)), None)

    def _filter_targets(self, operation: Operation) -> Iterator[_Target]:
        for parameter in operation.parameters_in("query"):
            if not parameter.takes_free_names and (target := self._target(parameter.name, (parameter.name,))):
                yield target

    def _body_targets(self, operation: Operation) -> Iterator[_Target]:
        if operation.body is None:
            return
        for name, member in properties_of(self._document, operation.body.schema).items():
            part = self._document.resolve(member)
            path = None if part.get("writeOnly") else self._find_outermost(name)
            if path is not None and (target := self._target(name, path, is_free="properties" not in part)):
                yield target

    def _find_outermost(self, name: str) -> ResponsePath | None:
        """Returns the path of the outermost member of that name; lists are not searched."""
        level: list[tuple[ResponsePath, Schema]] = [((), self._record)]
        for _ in range(MAX_DEPTH):
            below = []
            for path, schema in level:
                members = properties_of(self._document, schema)
                if name in members:
                    return (*path, name)
                below += [((*path, key), part) for key, part in members.items()]
            level = below
        return None

    def _target(self, name: str, path: ResponsePath, *, is_free: bool = True) -> _Target | None:
        holder = self._record
        for key in path[:-1]:
            holder = properties_of(self._document, holder)[key]
        siblings = properties_of(self._document, holder)
        if path[-1] not in siblings:
            return None
        members = properties_of(self._document, siblings[path[-1]])
        keys = tuple(self._key(key, members) for key in ("id", "slug", "reference") if key in members)
        return _Target(name, path, self._key(path[-1], siblings), keys, is_free)

    def _key(self, name: str, members: dict[str, Schema]) -> _Key:
        validator: Validator = self._schemas.validator(members[name])
        return _Key(name, validator.is_valid, dict(self._rows(name, members)))

    def _rows(self, key: str, members: dict[str, Schema]) -> Iterator[tuple[Any, dict[str, Any]]]:
        """Yields, for `x-faker: type.slug`, the rows of `type` by slug, with the members that sibling hints name."""
        hints = {name: str(self._document.resolve(part).get("x-faker")) for name, part in members.items()}
        family, _, by = hints[key].partition(".")
        named = {name: hint.partition(".")[2] for name, hint in hints.items() if hint.startswith(family + ".")}
        for row in self._vocabulary.get(family, ()):
            if isinstance(row.get(by), (str, int)):
                yield row[by], {name: row[member] for name, member in named.items() if member in row and name != key}


def _put_all(targets: list[_Target], values: Mapping[str, Any], answer: dict[str, Any]) -> None:
    for target in targets:
        if target.name in values:
            _put(target, values[target.name], answer)


def _put(target: _Target, value: Any, answer: dict[str, Any]) -> None:
    holder = answer
    for key in target.path[:-1]:
        inner = holder.get(key)
        # A variant of the answer may have something else there.
        holder = inner if isinstance(inner, dict) else {}
    before = holder.get(target.own.name)
    if isinstance(value, dict) and not target.is_free and isinstance(before, dict):
        before.update({key: value[key] for key in before if key in value})
    elif target.own.is_valid(value):
        target.own.put(holder, value)
        if isinstance(before, str) and "@" in before:
            _replace_email(answer, before, value)
    elif isinstance(before, dict):
        relation = next((key for key in target.keys if key.is_valid(value)), None)
        if relation is not None:
            relation.put(before, value)


def _replace_email(value: Any, old: str, new: Any) -> None:
    """Replaces the other copies of an echoed e-mail address, such as that of the user in a member."""
    for key, part in value.items():
        if isinstance(part, dict):
            _replace_email(part, old, new)
        elif part == old and key == "email":
            value[key] = new
