"""Reader of official exports: an OpenAPI document, or a folder of Markdown pages that each have one in a code block."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from pathlib import Path

from mockserver.contract.document import Document
from mockserver.contract.lenient.reading import interpret
from mockserver.errors import StartError

_FENCED = re.compile(r"^(`{3,}|~{3,})[^\n]*\n(.*?)^\1", re.M | re.S)
_OPENAPI = re.compile(r'(?:^|[{,])\s*["\']?(?:openapi|swagger)["\']?\s*:', re.M)


def is_export(path: Path) -> bool:
    """Whether a path holds documents, not calls: a folder, or a file that begins as OpenAPI."""
    if path.is_dir():
        return True
    try:
        with path.open(encoding="utf-8-sig", errors="replace") as file:
            beginning = file.read(100_000)
    except OSError as error:
        raise StartError(f"{path}: it cannot be read: {error.strerror}") from error
    return path.suffix != ".har" and _OPENAPI.search(beginning) is not None


class Export:
    """The documents at a path, in the order of their names."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._texts = dict(self._read())

    @property
    def identity(self) -> str:
        """A hash of the content."""
        content = "\0".join(f"{file}\0{text}" for file, text in self._texts.items())
        return hashlib.sha256(content.encode()).hexdigest()[:16]

    def documents(self) -> Iterator[Document]:
        """Yields the documents. Raises `StartError` if one cannot be read, or there is none."""
        if not self._texts:
            raise StartError(f"{self.path}: received no OpenAPI document in the code blocks of its .md pages")
        for file, text in self._texts.items():
            yield interpret(file, text)

    def _read(self) -> Iterator[tuple[Path, str]]:
        files = sorted(self.path.rglob("*.md")) if self.path.is_dir() else [self.path]
        for file in files:
            try:
                text = file.read_text(encoding="utf-8-sig")
            except (OSError, UnicodeDecodeError) as error:
                raise StartError(f"{file}: the export cannot be read: {error}") from error
            if file.suffix != ".md":
                yield file, text
            blocks = _FENCED.findall(text) if file.suffix == ".md" else ()
            for number, (_, block) in enumerate(blocks, 1):
                if _OPENAPI.search(block):
                    yield file.with_name(f"{file.name}:{number}"), block
