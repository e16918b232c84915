"""How a rule says no. What that looks like to a client is decided where the answer is written."""

from __future__ import annotations

from typing import Any


class RuleError(Exception):
    """The caller asked for something that a rule of Enspace does not allow; nothing has changed."""

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
    """A rule about the state stands against it, whatever the body says: `The owner cannot be removed`."""


class Invalid(RuleError):
    """Members of the body break a rule about the state: the field, what it holds, and what is demanded of it."""

    def __init__(self, *faults: tuple[str, Any, str]) -> None:
        super().__init__("; ".join(f"{field} {demand}" for field, _, demand in faults))
        self.faults = faults


class InvalidQuery(RuleError):
    """A query parameter names something that there is not."""

    def __init__(self, name: str, received: Any, documented: str) -> None:
        super().__init__(f"{name}: received {received!r}, documented: {documented}")
        self.name, self.received, self.documented = name, received, documented
