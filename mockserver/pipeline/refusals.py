"""Refusals that a stage may raise, and the violations that they name. How they are rendered is in `envelope`."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.secrets import mask_text


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise of the contract that a message breaks.

    `where` leads to the member: `("body", "data", "valor")`; it begins with `path`, `query`, `header`, `body`, or
    `answer` for our own answers. `rule` is the JSON Schema keyword, or `state` for a business rule. `received` and
    `documented` are texts for people, with secrets masked.
    """

    where: tuple[str | int, ...]
    rule: str
    received: str
    documented: str

    @property
    def location(self) -> str:
        """Renders `where` with dots, secrets masked: `body.data.valor`."""
        return mask_text(".".join(map(str, self.where)))

    @property
    def member(self) -> str:
        """Renders `where` without its first name; that name if there is nothing else."""
        return mask_text(".".join(map(str, self.where[1:]))) or str(self.where[0])

    def to_json(self) -> dict[str, str]:
        return {
            "where": self.location,
            "rule": self.rule,
            "received": self.received,
            "documented": self.documented,
        }

    def __str__(self) -> str:
        return f"{self.location}: received {self.received}, documented: {self.documented}"


class Refusal(Exception):
    """Ends the walk through the stages: the client does not get what it asked for.

    `violations` are listed in the body of a 400, `headers` are added to the usual ones. The message may quote the
    client, so secrets are masked in it.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        violations: tuple[Violation, ...] = (),
        headers: tuple[tuple[bytes, bytes], ...] = (),
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.violations, self.headers = status, mask_text(message), violations, headers
