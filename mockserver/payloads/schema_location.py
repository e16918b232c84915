"""Where in the contract a schema stands, which decides what its value means and what it belongs to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from mockserver.payloads.source import key_of
from mockserver.payloads.vocabulary import Row


@dataclass(frozen=True)
class Place:
    """`pointer` begins at the component around the schema, or at the answer's own schema.

    name: of the member · owner: what the object around it is called
    is_person: that object describes a person · rows: of the vocabulary, fit for all members of that object
    shares: takes the seed of the object around it, so that both are about the same person
    known: not null even if it may be · variety: how many different values a list needs
    level, minimal, trail: how deep a schema stands in itself, and what it may then still hold
    """

    pointer: str
    name: str = ""
    owner: str = ""
    is_person: bool = False
    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    shares: bool = True
    known: bool = False
    variety: int = 0
    level: int = 0
    minimal: bool = False
    trail: tuple[str, ...] = ()

    @property
    def key(self) -> int:
        return key_of(self.pointer)

    def component(self, ref: str) -> Place:
        """Inside a component, where the way to it no longer matters."""
        inside = Place(ref, owner=ref.rpartition("/")[2], known=self.known)
        return replace(inside, level=self.level, minimal=self.minimal, trail=self.trail)

    def member(self, name: str, *, known: bool, shares: bool) -> Place:
        pointer = f"{self.pointer}/properties/{name}"
        return replace(self, pointer=pointer, name=name, known=known, shares=shares, variety=0)

    def element(self, variety: int) -> Place:
        """An element has a seed of its own already; it is called like its list."""
        name = self.name[:-1] if self.name.endswith("s") and not self.name.endswith("ss") else self.name
        return replace(self, pointer=f"{self.pointer}/items", name=name, shares=True, known=False, variety=variety)
