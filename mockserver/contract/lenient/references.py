"""Repairs of references: each one leads to a component of its kind in this document.

A `$ref` may also lead to any other place of the document, or into a file next to it; what it names becomes a component.
"""

from __future__ import annotations

import copy
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mockserver.contract.document import Document, Pointer, parse_text, pointer_text
from mockserver.contract.lenient.notes import Notes, Raw
from mockserver.contract.lenient.openapi31 import keep_added_keywords
from mockserver.contract.lint.walk_objects import Node, walk_objects
from mockserver.contract.yaml_text import YamlError

# The sections of `components` by the kinds of the grammar.
SECTIONS = {
    "schema": "schemas",
    "response": "responses",
    "parameter": "parameters",
    "example": "examples",
    "requestBody": "requestBodies",
    "header": "headers",
    "securityScheme": "securitySchemes",
    "link": "links",
    "callback": "callbacks",
}
_MAX_FILE_SIZE = 33_554_432  # bytes
# Beside a `$ref`, these only describe; OpenAPI 3.0 ignores all siblings.
_DESCRIBING = {"description", "summary", "title", "deprecated", "example", "examples", "default"}


def repair_references(raw: Raw, document: Document, notes: Notes, *, is_31: bool) -> None:
    """Repairs all references of a document in `raw`, its copy. In 3.1 the keys beside a `$ref` count."""
    repair = _References(raw, document, notes, is_31)
    repair.inline_path_items()
    # What a reference names may have references of its own.
    while sum(map(repair.settle, walk_objects(raw))):
        pass
    repair.leave_out_broken_components()


class _References:
    """The references of one document."""

    def __init__(self, raw: Raw, document: Document, notes: Notes, is_31: bool) -> None:
        self._raw, self._document, self._notes, self._is_31 = raw, document, notes, is_31
        self._files: dict[str, Any] = {"": raw}
        self._components: dict[tuple[str, str], str] = {}
        self._settled: set[int] = set()

    def inline_path_items(self) -> None:
        """Replaces each path that is a reference by what it names."""
        for path, item in self._raw.get("paths", {}).items():
            if isinstance(item, dict) and isinstance(ref := item.get("$ref"), str):
                target = self._find(ref)
                if isinstance(target, dict):
                    del item["$ref"]
                    item.update({key: part for key, part in target.items() if key not in item})
                else:
                    self._notes.add(("paths", path), f"left out: `$ref` leads to nothing: {ref}")
                    item.clear()

    def settle(self, found: Node) -> bool:
        """Repairs an object that is a reference. Returns whether it made a new component."""
        value = found.value
        if "$ref" not in value:
            keep_added_keywords(found, self._notes, is_31=self._is_31)
            return False
        if id(value) in self._settled or found.kind not in SECTIONS:
            return False
        self._settled.add(id(value))
        if not isinstance(value["$ref"], str):
            self._notes.add(found.pointer, "ignored: a `$ref` that is no text")
            del value["$ref"]
            return False
        self._settle_siblings(found)
        keep_added_keywords(found, self._notes, is_31=self._is_31)
        reference = next(part for part in (value, *value.get("allOf", ())) if "$ref" in part)
        section, text = SECTIONS[found.kind], reference["$ref"]
        pointer = _pointer(text)
        if pointer is not None and pointer[:2] == ("components", section) and len(pointer) == 3:
            reference["$ref"] = pointer_text(pointer)
            return False
        target = self._find(text)
        if target is None:
            return False  # a law reports it
        is_new = (section, text) not in self._components
        if is_new:
            self._components[section, text] = self._name(section, text)
            self._section(section)[self._components[section, text]] = target
        reference["$ref"] = pointer_text(("components", section, self._components[section, text]))
        return is_new

    def leave_out_broken_components(self) -> None:
        """Removes unused components with a reference to nothing; what uses one of them is unused itself."""
        while broken := {found.pointer[:3]: found.value["$ref"] for found in self._dangling()}:
            unused = broken.keys() - self._used()
            for pointer in unused:
                _, section, name = pointer
                del self._raw["components"][section][name]
                problem = f"its `$ref` leads to nothing: {broken[pointer]}"
                self._notes.add(pointer, f"left out: no operation uses it, and {problem}")
            if not unused:
                return

    def _dangling(self) -> Iterator[Node]:
        for found in walk_objects(self._raw):
            ref = found.value.get("$ref")
            is_in_component = found.pointer[:1] == ("components",) and len(found.pointer) > 2
            if is_in_component and found.kind in SECTIONS and isinstance(ref, str) and self._find_repaired(ref) is None:
                yield found

    def _used(self) -> set[Pointer]:
        """Returns the components that operations use, directly or through others."""
        targets = defaultdict[Pointer, set[Pointer]](set)
        for found in walk_objects(self._raw):
            if found.kind in SECTIONS and isinstance(ref := found.value.get("$ref"), str):
                owner = found.pointer[:3] if found.pointer[:1] == ("components",) else ()
                targets[owner].add((_pointer(ref) or ())[:3])
        used = set[Pointer]()
        ahead: set[Pointer] = {()}
        while ahead:
            new = targets[ahead.pop()] - used
            used |= new
            ahead |= new
        return used

    def _settle_siblings(self, found: Node) -> None:
        value = found.value
        siblings = {key: value[key] for key in value if key != "$ref" and not key.startswith("x-")}
        for key in [key for key in value if key != "$ref"]:
            del value[key]
        constraining = siblings.keys() - _DESCRIBING
        if found.kind != "schema" or not constraining:
            if siblings.keys() - {"description", "summary"}:
                self._notes.add(found.pointer, f"ignored: {', '.join(siblings)} beside a `$ref`")
        elif self._is_31:
            value["allOf"] = [{"$ref": value.pop("$ref")}]
            value.update(siblings)
            self._settled.add(id(value["allOf"][0]))
        elif siblings.get("nullable") is True:
            value["allOf"] = [{"$ref": value.pop("$ref")}]
            value["nullable"] = True
            self._settled.add(id(value["allOf"][0]))
            self._notes.add(found.pointer, "null is allowed, by `nullable` beside a `$ref`")
        else:
            self._notes.add(found.pointer, f"ignored: {', '.join(siblings)} beside a `$ref`")

    def _find(self, text: str) -> Any:
        """Returns what a reference names, or None; repairs may have moved it, as keys beside another `$ref`."""
        found = self._find_repaired(text)
        if found is None and text.startswith("#"):
            return copy.deepcopy(_follow(self._document.raw, text[1:]))
        return found

    def _find_repaired(self, text: str) -> Any:
        name, _, fragment = text.partition("#")
        return _follow(self._file(unquote(name)), fragment)

    def _file(self, name: str) -> Any:
        if name not in self._files:
            self._files[name] = None
            folder = self._document.path.parent.resolve()
            file = (folder / name).resolve()
            # Nothing is fetched, and a document cannot make the server read other folders.
            if not file.is_relative_to(folder) or not file.is_file():
                return None
            if file.stat().st_size <= _MAX_FILE_SIZE:
                try:
                    content = parse_text(file.read_text(encoding="utf-8-sig"))
                except (OSError, UnicodeDecodeError, YamlError):
                    return None
                self._files[name] = _absolute(content, name)
        return self._files[name]

    def _section(self, section: str) -> Raw:
        components = self._raw.setdefault("components", {})
        found: Raw = components.setdefault(section, {})
        return found

    def _name(self, section: str, text: str) -> str:
        """Returns a free name for what a reference names: its last word."""
        word = re.sub(r"[^A-Za-z0-9._-]+", "-", _split(text.partition("#")[2])[-1] if "#/" in text else Path(text).stem)
        taken = self._section(section)
        names = (word if number == 1 else f"{word}-{number}" for number in range(1, len(taken) + 3))
        return next(name for name in names if name not in taken)


def _pointer(text: str) -> Pointer | None:
    """Returns the pointer of a reference into the same document."""
    return tuple(_split(text[1:])) if text.startswith("#/") else None


def _follow(content: Any, fragment: str) -> Any:
    for key in _split(fragment):
        if isinstance(content, dict):
            # YAML has keys such as 200 without quotes.
            content = content.get(key, content.get(int(key)) if key.isdecimal() else None)
        elif isinstance(content, list) and key.isdecimal() and int(key) < len(content):
            content = content[int(key)]
        else:
            return None
    return content


def _split(fragment: str) -> list[str]:
    keys = unquote(fragment).split("/")[1:]
    return [key.replace("~1", "/").replace("~0", "~") for key in keys]


def _absolute(value: Any, name: str) -> Any:
    """Rewrites the references of another file so that they hold in the document."""
    if isinstance(value, list):
        return [_absolute(part, name) for part in value]
    if not isinstance(value, dict):
        return value
    value = {key: _absolute(part, name) for key, part in value.items()}
    if isinstance(ref := value.get("$ref"), str):
        file, mark, fragment = ref.partition("#")
        value["$ref"] = (str(Path(name).parent / file) if file else name) + mark + fragment
    return value
