"""Matches paths with templates such as `/ws/types/{slug}`. The only path matcher of the project."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from difflib import get_close_matches
from itertools import islice
from typing import Generic, TypeVar
from urllib.parse import unquote

Value = TypeVar("Value")
_KEY = re.compile(r"\{([^{}/]*)\}")

# Bounds of the search for the closest path.
MAX_PREFIX = 4  # segments
MAX_NODES = 100


def key_names(template: str) -> list[str]:
    """Returns the names of the keys of a template, in order."""
    return _KEY.findall(template)


def shape_of(template: str) -> str:
    """Returns a template without the names of its keys: `/ws/roles/{}`."""
    return _KEY.sub("{}", template)


@dataclass(slots=True)
class _Node(Generic[Value]):
    """One segment: the segments that may follow, and the value of a template that ends here."""

    literals: dict[str, _Node[Value]] = field(default_factory=dict)
    # By segments with keys and text, such as `{id}.json`.
    mixed: dict[re.Pattern[str], _Node[Value]] = field(default_factory=dict)
    key: _Node[Value] | None = None
    value: Value | None = None
    template: str = ""
    key_names: tuple[str, ...] = ()

    def children(self) -> list[_Node[Value]]:
        return [*self.literals.values(), *self.mixed.values(), *filter(None, [self.key])]


@dataclass(slots=True)
class PathMatch(Generic[Value]):
    """The value of the matching template; `keys` are the percent-encoded texts of its keys by name."""

    value: Value
    keys: dict[str, str]


class PathMatcher(Generic[Value]):
    """Values by path template, as a tree of segments.

    Paths are split before they are decoded, so that an encoded slash stays inside its key. Literals win over keys, and
    segments with a key and text over those with a key only. The cost of a match depends on the length of the path, not
    on the number of templates.
    """

    def __init__(self) -> None:
        self._root: _Node[Value] = _Node()

    def at(self, template: str) -> Value | None:
        """Returns the value of a template, or None."""
        return self._node(template).value

    def add(self, template: str, value: Value) -> None:
        """Sets the value of a template."""
        node = self._node(template)
        node.value, node.template = value, template
        node.key_names = tuple(key_names(template))

    def match(self, path: str) -> PathMatch[Value] | None:
        """Matches a percent-encoded path; None if no template matches."""
        texts: list[str] = []
        node = _find(self._root, path.split("/")[1:], 0, texts)
        if node is None or node.value is None:
            return None
        return PathMatch(node.value, dict(zip(node.key_names, texts, strict=True)))

    def suggest(self, path: str) -> str:
        """Returns the template that a misspelt path probably means; empty if there is none.

        A prefix such as `/api` is skipped, missing segments are added, and the closest literal replaces a misspelt one.
        Only segments at the unknown one and below are compared: comparing whole paths would cost a client that tries
        unknown paths fifteen times as much as a known one.
        """
        segments = [segment for segment in path.split("/") if segment]
        known = (at for at, segment in enumerate(segments[:MAX_PREFIX]) if segment in self._root.literals)
        node = self._root
        for segment in segments[next(known, 0) :]:
            following = node.literals.get(segment) or node.key or _find_below(node, segment) or _closest(node, segment)
            if following is None:
                return ""
            node = following
        while not node.template and (children := node.children()):
            node = children[0]
        return node.template

    def _node(self, template: str) -> _Node[Value]:
        node = self._root
        for segment in template.split("/")[1:]:
            if is_key(segment):
                node.key = node.key or _Node()
                node = node.key
            elif "{" in segment:
                node = node.mixed.setdefault(_pattern(segment), _Node())
            else:
                node = node.literals.setdefault(segment, _Node())
        return node


def _find_below(node: _Node[Value], segment: str) -> _Node[Value] | None:
    """Returns the nearest node of a literal below a node: `/items` finds `/ws/types/{slug}/items`."""
    nodes = [node]
    for parent in islice(nodes, MAX_NODES):  # breadth first: the list grows meanwhile
        if segment in parent.literals:
            return parent.literals[segment]
        nodes += parent.children()
    return None


def _closest(node: _Node[Value], segment: str) -> _Node[Value] | None:
    """Returns the node of the literal that is spelt most like a segment."""
    closest = get_close_matches(segment[:40], node.literals, n=1, cutoff=0.5)
    return node.literals[closest[0]] if closest else None


def is_key(segment: str) -> bool:
    """Returns whether a segment of a template is a key such as `{slug}`."""
    return _KEY.fullmatch(segment) is not None


def _pattern(segment: str) -> re.Pattern[str]:
    """Returns the pattern of a segment with keys and text. `re` returns the same pattern for the same text."""
    texts = (re.escape(unquote(text)) for text in _KEY.split(segment)[::2])
    return re.compile("([^/]+?)".join(texts))


def _find(node: _Node[Value], segments: list[str], index: int, texts: list[str]) -> _Node[Value] | None:
    """Returns the node of a path; fills `texts` with its keys, and removes them again after a dead end."""
    if index == len(segments):
        return None if node.value is None else node
    segment = segments[index]
    literal = node.literals.get(segment)
    if literal is None and "%" in segment:
        literal = node.literals.get(unquote(segment))
    if literal is not None and (found := _find(literal, segments, index + 1, texts)) is not None:
        return found
    size = len(texts)
    for following, keys in _keyed(node, segment):
        texts += keys
        if (found := _find(following, segments, index + 1, texts)) is not None:
            return found
        del texts[size:]
    return None


def _keyed(node: _Node[Value], segment: str) -> Iterator[tuple[_Node[Value], list[str]]]:
    """Yields the nodes whose segment has keys and matches, with the texts of the keys."""
    for pattern, following in node.mixed.items():
        if match := pattern.fullmatch(segment):
            yield following, list(match.groups())
    if node.key is not None and segment:
        yield node.key, [segment]
