"""Laws on order: keys of objects, methods, and the banner lines that group paths and schemas by tag."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise, zip_longest
from typing import NamedTuple

from mockserver.contract.document import Pointer
from mockserver.contract.lint.contract_index import ContractIndex
from mockserver.contract.lint.lint_problem import BrokenLaw
from mockserver.contract.lint.operation_laws import tag_names

TOP_LEVEL = ("openapi", "info", "servers", "tags", "security", "paths", "components")
OPERATION = (
    *("operationId", "tags", "summary", "description", "x-provenance", "x-promises"),
    *("security", "parameters", "requestBody", "responses"),
)
METHODS = ("get", "post", "put", "delete")

_BANNER_OF = "# -------- {} ----"
_BANNER = re.compile(r"\s*# -{8} (.*\S) -{4,}")


def top_level_keys_are_in_order(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """The document goes openapi, info, servers, tags, security, paths, components."""
    yield from _out_of_order((), contract.document.raw, TOP_LEVEL)


def operation_keys_are_in_order(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """An operation goes from its name and texts over security and parameters to body and responses."""
    for operation in contract.operations:
        yield from _out_of_order(operation.pointer, operation.value, OPERATION)


def methods_are_in_order(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """The methods of a path go get, post, put, delete."""
    for pointer, _, item in contract.all("pathItem"):
        yield from _out_of_order(pointer, item, METHODS)


def banners_are_the_tags(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """One banner line for each tag, in the order of `tags`, groups the paths, and after `Shared` the schemas."""
    tags = tag_names(contract)
    yield from _wrong_banner(contract, ("paths",), tags)
    yield from _wrong_banner(contract, ("components", "schemas"), ["Shared", *tags])


def operations_stand_under_their_banner(contract: ContractIndex) -> Iterator[BrokenLaw]:
    """An operation is under the banner of its tag."""
    banners = _banners(contract, ("paths",))
    for operation in contract.operations:
        line = contract.document.line(operation.pointer)
        above = [banner.name for banner in banners if banner.line < line][-1:]
        if above != operation.value.get("tags", [])[:1]:
            problem = f"`{operation.id}` is under {f'the banner `{above[0]}`' if above else 'no banner'}"
            yield BrokenLaw(operation.pointer, problem, "move its path under the banner of its tag")


def _out_of_order(pointer: Pointer, written: Iterable[str], order: tuple[str, ...]) -> Iterator[BrokenLaw]:
    ranks = [(order.index(key), key) for key in written if key in order]
    for (rank, key), (next_rank, following) in pairwise(ranks):
        if next_rank < rank:
            yield BrokenLaw((*pointer, following), f"`{following}` comes after `{key}`", f"write {', '.join(order)}")


def _wrong_banner(contract: ContractIndex, section: Pointer, groups: list[str]) -> Iterator[BrokenLaw]:
    """Yields the first banner that differs; those after it would be consequences."""
    for banner, group in zip_longest(_banners(contract, section), groups):
        line, name = banner or _Banner(contract.document.line(section), "")
        if name != group:
            found = f"the banner `{name}` is" if name else "no banner is"
            where = f"where the tag `{group}` belongs" if group else "after the last tag"
            yield BrokenLaw(line, f"{found} {where}", f"write {_BANNER_OF.format(group)}" if group else "remove it")
            return


class _Banner(NamedTuple):
    line: int
    name: str


def _banners(contract: ContractIndex, section: Pointer) -> list[_Banner]:
    """Finds the banners in a section of the document."""
    raw, line = contract.document.raw, contract.document.line
    starts = [line((key,)) for key in raw] + [line(("components", key)) for key in raw.get("components", {})]
    start = line(section)
    end = min((other for other in starts if other > start), default=len(contract.lines) + 1)
    inside = enumerate(contract.lines[start : end - 1], start + 1)
    return [_Banner(number, found[1]) for number, text in inside if (found := _BANNER.fullmatch(text))]
