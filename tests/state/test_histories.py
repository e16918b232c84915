"""The check of histories finds what no order of operations can explain."""

import pytest

from tests.state.histories import Operation, violations


def history(*operations: tuple[str, str, float, float]) -> list[Operation]:
    return [Operation(value, kind == "write", start, end) for kind, value, start, end in operations]


@pytest.mark.parametrize(
    "operations",
    [
        [("write", "a", 0, 1), ("read", "a", 2, 3)],
        [("write", "a", 0, 1), ("write", "b", 2, 5), ("read", "a", 3, 4), ("read", "b", 3, 4)],
        [("write", "a", 0, 9), ("write", "b", 0, 9), ("read", "b", 1, 2), ("read", "a", 3, 4)],
    ],
)
def test_history__that_an_order_explains_has_no_violation(operations: list[tuple[str, str, float, float]]) -> None:
    assert violations(history(*operations)) == []


@pytest.mark.parametrize(
    ("operations", "problem"),
    [
        ([("write", "a", 2, 3), ("read", "a", 0, 1)], "a was read before it was written"),
        ([("write", "a", 0, 1), ("write", "b", 2, 3), ("read", "a", 4, 5)], "b was written while a stayed"),
        (
            [
                *(("write", "a", 0, 9), ("write", "b", 0, 9)),
                *(("read", "a", 1, 2), ("read", "b", 3, 4), ("read", "a", 5, 6), ("read", "b", 7, 8)),
            ],
            "a and b were both valid",
        ),
    ],
)
def test_history__that_no_order_explains_is_found(
    operations: list[tuple[str, str, float, float]], problem: str
) -> None:
    assert problem in violations(history(*operations))
