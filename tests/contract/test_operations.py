"""Operations as plain values."""

import pytest

from mockserver.contract.operations import allowed_methods


@pytest.mark.parametrize(
    ("methods", "allowed"),
    [
        (["POST"], "OPTIONS, POST"),
        (["get", "delete"], "DELETE, GET, HEAD, OPTIONS"),
        (["PUT", "HEAD", "GET", "OPTIONS"], "GET, HEAD, OPTIONS, PUT"),
        ([], "OPTIONS"),
    ],
)
def test_allowed_methods__is_the_value_of_allow(methods: list[str], allowed: str) -> None:
    assert allowed_methods(methods) == allowed
