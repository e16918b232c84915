"""Cost of more records: two of our servers, with few and with many items of one type, measured in turns."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from benchmarks import throughput
from benchmarks.many_items import fill
from benchmarks.plan import Plan
from benchmarks.requests import MEASURES, SAME, Kind, get
from benchmarks.servers import OURS, ours, running
from benchmarks.throughput import Row

# The ignored query name makes each request unique, so that no answer is cached. `getItem` documents no query, so both
# servers run with --lenient.
KINDS = (
    Kind("get one", "getItem", 200, get(MEASURES + "/items/{reference}?x{n}=1")),
    Kind("list", "listItems", 200, get(MEASURES + "/items?x{n}=1")),
    Kind(
        "list, filtered and sorted",
        "listItems",
        200,
        get(MEASURES + "/items?status=active&_sort=created_at:DESC&_limit=20&x{n}=1"),
    ),
)
# The highest allowed ratio of the cost with many items to that with few.
TARGETS = {"get one": 1.2, "list": 1.2, "list, filtered and sorted": 2.0}


@dataclass(frozen=True)
class Growth:
    """Costs with few and with many items: `seconds` to create the many, `pairs` of rows (few, many)."""

    few: int
    many: int
    seconds: float
    pairs: list[tuple[Row, Row]]


def measure(plan: Plan, folder: Path) -> Growth:
    small, large = (ours("--lenient", name=f"{OURS}, {size} items") for size in ("few", "many"))
    with running(small, folder / "few.log") as one, running(large, folder / "many.log") as other:
        few, _ = fill(one, plan.few_items, folder / "few.txt")
        many, seconds = fill(other, plan.many_items, folder / "many.txt")
        pairs = []
        for kind in KINDS:
            row_of_few, row_of_many = throughput.measure(
                [throughput.row(server, kind, SAME) for server in (few, many)], plan
            )
            pairs.append((row_of_few, row_of_many))
        return Growth(plan.few_items, plan.many_items, seconds, pairs)
