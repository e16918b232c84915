"""Errors of the rules of Enspace. The pipeline turns them into responses; nothing here knows HTTP.

RuleError
├── NotFound        the path names a record that the workspace does not have
├── Forbidden       the type or the role of the member does not allow the call
├── Refused         a rule about the state forbids it, whatever the body contains
└── Invalid         members of the body break a rule about the state
"""

from __future__ import annotations

from typing import Any, NamedTuple


class MemberFault(NamedTuple):
    """A member that breaks a rule, such as `("data", "total")`, `"x"`, `must be a number`."""

    where: tuple[str | int, ...]
    received: Any
    requirement: str

    @property
    def member(self) -> str:
        return ".".join(map(str, self.where))


class RuleError(Exception):
    """A rule of Enspace does not allow the call; nothing has changed."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(RuleError):
    """The path names a record that this workspace does not have."""

    def __init__(self) -> None:
        super().__init__("Not Found")


class Forbidden(RuleError):
    """The member's type or role does not allow it. R6, R7, R9-R11."""

    def __init__(self, message: str = "Insufficient permissions") -> None:
        super().__init__(message)


class Refused(RuleError):
    """A rule about the state forbids the call, whatever the body contains: `The owner cannot be removed`."""


class Invalid(RuleError):
    """Members of the body break a rule about the state."""

    def __init__(self, *faults: MemberFault) -> None:
        super().__init__("; ".join(f"{fault.member} {fault.requirement}" for fault in faults))
        self.faults = faults
