"""What a maker of values may ask of the compiler that calls it. The compiler itself is in `compile`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

from mockserver.contract.document import Document, Schema
from mockserver.payloads.merging import Merged
from mockserver.payloads.people import People
from mockserver.payloads.pools import Fakers
from mockserver.payloads.schema_location import Place
from mockserver.payloads.source import Make
from mockserver.payloads.vocabulary import Vocabulary
from mockserver.payloads.words import Words

Fits: TypeAlias = Callable[[Any], bool]


class Compiler(Protocol):
    """Compiles the parts of a schema, each for its place in the whole."""

    document: Document
    vocabulary: Vocabulary
    fakers: Fakers
    people: People
    words: Words

    def compile(self, schema: Schema, place: Place) -> Make: ...

    def compile_whole(self, whole: Merged, place: Place) -> Make: ...

    def merge(self, schema: Schema) -> Merged: ...

    def fits(self, whole: Merged) -> Fits: ...

    def of(self, whole: Merged, place: Place) -> Make: ...
