"""What a stage may raise, and the broken promises that it may name. How refusals look as bytes is in `envelope`."""

from __future__ import annotations

from dataclasses import dataclass

from mockserver.secrets import mask_text


@dataclass(frozen=True, slots=True)
class Violation:
    """A promise of the contract that a message breaks.

    `where` is `path.slug`, `query._limit`, `body.data.valor`, or `answer.…` for our own answers; `rule` is the
    keyword that does not hold, or `state` for a rule about what there is already; `received` and `documented` are
    texts for people, secrets masked.
    """

    where: str
    rule: str
    received: str
    documented: str

    def __str__(self) -> str:
        return f"{self.where}: received {self.received}, documented: {self.documented}"


class Refusal(Exception):
    """Ends the walk through the stages: the client asked for something that it does not get.

    `data` goes into the body of a 400, `headers` go on top of the usual ones. The message may quote the client: what
    has the shape of a secret is masked in it.
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
