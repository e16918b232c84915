"""Descriptions of operations that the contract does not have: path, keys, name, tag and schemas from calls."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from mockserver.contract.document import Document, OperationEntry, Pointer, Schema
from mockserver.contract.path_matcher import key_names
from mockserver.judging.evidence import names
from mockserver.judging.learned_schemas import EXAMPLES, SchemaLearner
from mockserver.judging.named_schemas import NamedSchemas, Unlearnable, observed_provenance
from mockserver.judging.response_edits import SEEN
from mockserver.judging.shared_facts import PlacedFacts
from mockserver.judging.yaml_edits import YamlEdit, block_yaml, insert_after, insert_before

# Verbs of operationIds, by method; a GET of a list is a `list`.
VERBS = {"get": "get", "post": "create", "put": "update", "patch": "update", "delete": "delete"}
ORDER = ("get", "post", "put", "patch", "delete")
ERRORS = ("400", "401", "403", "404", "500")
JSON_SCHEMA: Pointer = ("content", "application/json", "schema")


class NewOperationEditor:
    """Edits that add an operation to one text of the contract."""

    def __init__(self, document: Document, places: PlacedFacts) -> None:
        self._document, self._places = document, places
        self._learner = SchemaLearner(document, places)

    def add(self, place: Pointer) -> Iterator[YamlEdit]:
        """Yields the edits for the operation at `paths`, path, method. Raises `Unlearnable`."""
        path, method = str(place[1]), str(place[2])
        if self._document.node(("paths",)).flow_style or not self._document.raw["paths"]:
            raise Unlearnable("an operation is added to contracts in YAML that have some")
        if not any(other[:3] == place and "answer" in facts for other, facts in self._places.items()):
            raise Unlearnable("an export describes it better than a patch: copy it from there")
        neighbor = self._neighbor(path)
        name = self._name(place)
        schemas: list[YamlEdit] = []
        operation: dict[str, Any] = {
            "operationId": name,
            **({"tags": neighbor.value["tags"][:1]} if neighbor.value.get("tags") else {}),
            "summary": _title(name),
            "description": f"{SEEN} Its name is derived from the path.",
            **observed_provenance(self._document),
            **({"security": neighbor.value["security"]} if "security" in neighbor.value else {}),
        }
        request = (*place, "requestBody", *JSON_SCHEMA)
        if request in self._places:
            content = self._content(request, operation, "Input", schemas)
            operation["requestBody"] = {"required": True, "content": content}
        operation["responses"] = dict(self._responses(place, neighbor, operation, schemas))
        yield self._insertion(path, method, operation, neighbor)
        yield from schemas

    def _responses(
        self, place: Pointer, neighbor: OperationEntry, operation: dict[str, Any], schemas: list[YamlEdit]
    ) -> Iterator[tuple[str, Any]]:
        """Yields the responses that were seen, and the shared errors of the neighbor."""
        seen = sorted(
            str(other[4]) for other, facts in self._places.items() if other[:3] == place and "answer" in facts
        )
        for status in seen:
            body = (*place, "responses", status, *JSON_SCHEMA)
            content = {"content": self._content(body, operation, "", schemas)} if body in self._places else {}
            yield status, {"description": SEEN, **content}
        needed = {"400": "requestBody" in operation, "404": bool(key_names(str(place[1])))}
        for status in ERRORS:
            found = neighbor.value.get("responses", {}).get(status) or self._shared_error(status)
            if found and status not in seen and needed.get(status, True):
                yield status, found

    def _content(
        self, place: Pointer, operation: dict[str, Any], ending: str, schemas: list[YamlEdit]
    ) -> dict[str, Any]:
        """The content of a body, whose schema gets a name."""
        schema = self._learner.schema(place)
        if schema is None:
            raise Unlearnable("its bodies have too many kinds, or an object without members")
        # In a list the items have the name, as lists of records do.
        rows = schema.get("type") == "array"
        inner: Schema = schema["items"] if rows else schema
        if "$ref" not in inner:
            name, tag = operation["operationId"], next(iter(operation.get("tags", ())), "")
            inner, edit = NamedSchemas(self._document).add(name, tag, inner, ending or "Answer")
            schemas.append(edit)
        return {"application/json": {"schema": {"type": "array", "items": inner} if rows else inner}}

    def _shared_error(self, status: str) -> dict[str, Any] | None:
        written = (entry.value.get("responses", {}).get(status, {}) for entry in self._document.operations())
        return next((response for response in written if "$ref" in response), None)

    def _neighbor(self, path: str) -> OperationEntry:
        """The operation whose path has the most segments in common, from the first on."""

        def common(entry: OperationEntry) -> int:
            pairs = list(zip(entry.path.split("/"), path.split("/"), strict=False))
            return next((number for number, (one, other) in enumerate(pairs) if one != other), len(pairs))

        return max(self._document.operations(), key=common)

    def _name(self, place: Pointer) -> str:
        """An operationId that no other operation has."""
        path, method = str(place[1]), str(place[2])
        answers = (other for other in self._places if other[:4] == (*place, "responses") and other[5:] == JSON_SCHEMA)
        is_list = any("kind:array" in self._places[other] for other in answers)
        wanted = operation_id(method, path, is_list=is_list)
        taken = {entry.value.get("operationId", "").lower() for entry in self._document.operations()}
        numbered = (f"{wanted}{number}" for number in range(2, 1000))
        return wanted if wanted.lower() not in taken else next(one for one in numbered if one.lower() not in taken)

    def _insertion(self, path: str, method: str, operation: dict[str, Any], neighbor: OperationEntry) -> YamlEdit:
        paths = self._document.node(("paths",))
        column = paths.value[0][0].start_mark.column
        item = self._document.raw["paths"].get(path)
        if item is not None:
            earlier = [other for other in ORDER[: ORDER.index(method)] if other in item]
            text = block_yaml({method: operation}, column + 2)
            if earlier:
                return insert_after(self._document, ("paths", path, earlier[-1]), f"\n{text}")
            first = next(other for other in item if other in ORDER)
            return insert_before(self._document, ("paths", path), first, f"{text}\n")
        keys = [parameter for name in key_names(path) for parameter in [self._key(path, method, name)]]
        value = ({"parameters": keys} if keys else {}) | {method: operation}
        text = block_yaml({path: value}, column)
        if hidden := self._hiding(path):
            return insert_before(self._document, ("paths",), hidden, f"{text}\n\n")
        return insert_after(self._document, ("paths", neighbor.path), f"\n\n{text}")

    def _hiding(self, path: str) -> str:
        """The first path with a key that would match the new one; literal paths stand before it."""

        def hides(other: str) -> bool:
            pairs = list(zip(other.split("/"), path.split("/"), strict=False))
            is_long = other.count("/") == path.count("/")
            return is_long and all(a == b or a[:1] == "{" for a, b in pairs)

        return next((other for other in self._document.raw["paths"] if hides(other)), "")

    def _key(self, path: str, method: str, name: str) -> dict[str, Any]:
        """The parameter of a key: as the paths that begin alike have it, else with the type of its texts."""
        beginning = path[: path.index(f"{{{name}}}") + len(name) + 2]
        for other, item in self._document.raw["paths"].items():
            if other == beginning or other.startswith(beginning + "/"):
                for written in item.get("parameters", ()):
                    if self._document.resolve(written)["name"] == name:
                        found: dict[str, Any] = written
                        return found
        kinds = set(names(self._places.get(("paths", path, method, "parameters", name), {}), "kind"))
        kind = "integer" if kinds == {"integer"} else "string"
        schema = {"type": kind, "example": EXAMPLES[kind]}
        return {"name": name, "in": "path", "required": True, "description": SEEN, "schema": schema}


def operation_id(method: str, path: str, *, is_list: bool) -> str:
    """Verb and noun from method and path: `listTypeItemsByStage` for a list at /ws/types/{slug}/items/by-stage."""
    segments = [segment for segment in path.split("/") if segment]
    verb = "list" if method == "get" and is_list else VERBS[method]
    if method == "get" and segments[-1] == "count":
        verb, segments = "count", segments[:-1]
    nouns = []
    for segment, following in zip(segments, [*segments[1:], ""], strict=True):
        words = [] if segment.startswith("{") else re.findall("[A-Za-z0-9]+", segment)
        # One record, not all, if a key follows.
        words = [word.removesuffix("s") for word in words] if following.startswith("{") else words
        nouns += [word for word in words if len(word) > 1 and word != "ws"]
    return verb + "".join(word[:1].upper() + word[1:] for word in nouns or ["root"])


def _title(name: str) -> str:
    words = re.findall("[A-Z]?[a-z0-9]+|[A-Z]+", name)
    return " ".join([words[0].title(), *(word.lower() for word in words[1:])])
