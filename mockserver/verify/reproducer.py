"""Reproducer: executes each reproduction through the request guard before it is reported, and drops needless writes."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from mockserver.contract.yaml_text import leaves
from mockserver.verify.judging.assertions import ReceivedAnswer, pick
from mockserver.verify.judging.derivation import Derivation, NoReproductionError
from mockserver.verify.judging.placeholders import Names
from mockserver.verify.judging.reproduction_files import Heading, Script, render_pytest, render_script
from mockserver.verify.judging.reproductions import (
    BY_EARLIER,
    PLACEHOLDER,
    AnswerMember,
    Expectation,
    Reproduction,
    Sender,
    Step,
    read_answer,
)
from mockserver.verify.redaction import Redactor
from mockserver.verify.results import Finding
from mockserver.verify.safety.bounded_transport import CUT
from mockserver.verify.safety.limits import TROUBLE
from mockserver.verify.safety.request_guard import REFUSED, RequestGuard
from mockserver.verify.watching.exchange_log import ExchangeLog, LoggedExchange

MOST_REQUESTS = 2000  # of all reproductions: a target that breaks everything has hundreds of findings
EXECUTED = "executed: the fault showed again"
NOT_SHOWN = "none: when the requests were repeated, the fault did not show"
Rows = list[dict[str, Any]]


class NotExecutedError(Exception):
    """Raised with the reason when a sequence cannot be sent to its end."""


@dataclass
class Attempt:
    """One execution of a sequence, with names that no earlier record has."""

    mark: str
    variables: dict[str, Any]
    new_number: Callable[[], int]

    def __post_init__(self) -> None:
        self._numbers: dict[str, int] = {}
        # In a query, `+` is a space.
        self._numbered = re.compile(re.escape(self.mark) + r"([ .+-])(\d{4,})")

    def fill(self, value: Any) -> Any:
        """Copies a value, with the values of this attempt for placeholders."""
        if isinstance(value, dict):
            return {self.fill(name): self.fill(part) for name, part in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.fill(part) for part in value]
        if not isinstance(value, str):
            return value
        if (whole := PLACEHOLDER.fullmatch(value)) and whole[2] in self.variables:
            return self.variables[whole[2]]
        # Numbers first: the keys of this attempt have new ones already.
        numbered = self._numbered.sub(self._renumber, value.replace("<<mark>>", self.mark))
        return PLACEHOLDER.sub(lambda found: str(self.variables.get(found[2], found[0])), numbered)

    def _renumber(self, found: re.Match[str]) -> str:
        if found[2] not in self._numbers:
            self._numbers[found[2]] = self.new_number()
        return f"{self.mark}{found[1]}{self._numbers[found[2]]}"


@dataclass(frozen=True)
class Execution:
    """The answers of one execution, by the numbers of the steps, and the arguments of the promise that follow.

    `is_alike`: each request has ended as before; else the ones behind it were not sent, and there are no arguments.
    """

    is_alike: bool
    answers: dict[int, ReceivedAnswer]
    arguments: list[Any]

    def is_refused(self, step: Step) -> bool:
        return step.number in self.answers and not 200 <= self.answers[step.number].status < 300


class Reproducer:
    """Completes findings with reproductions that were executed, or with the reason why there is none."""

    def __init__(
        self,
        guard: RequestGuard,
        log: ExchangeLog,
        names: Names,
        new_number: Callable[[], int],
        redactor: Redactor,
    ) -> None:
        self._guard, self._log, self._names = guard, log, names
        self._new_number, self._redactor = new_number, redactor
        self._session, self._sent, self._end_reason = guard.session(), 0, ""
        self._made: dict[str, Reproduction] = {}  # by the identity of the finding
        # Begins a sequence at the fake, once the run has been compared with it.
        self.begin_at_fake: Callable[[], Sender] | None = None

    def complete(self, finding: Finding, expectation: Expectation | None, end_reason: str = "") -> Finding:
        """Returns a finding with its reproduction; `end_reason` is why the run has ended early."""
        if expectation is None:
            return finding
        self._end_reason = end_reason
        try:
            made, outcome = self._reproduce(expectation)
        except NoReproductionError as error:
            return replace(finding, reproduction=f"none: {error}")
        except (AttributeError, LookupError, TypeError, ValueError) as error:
            unreadable = f"none: a response that it could not read ({type(error).__name__}: {error})"
            return replace(finding, reproduction=unreadable)
        return self._with_files(finding, made, outcome)

    def confirm(self, finding: Finding) -> Finding:
        """Returns a finding without a reproduction that the fake, as it was before the run, does not pass either.

        One that only reads rows of the run shows nothing without them.
        """
        made = self._made.get(finding.identity)
        if made is None or not (self._is_broken_by_fake(made) or self._is_of_new_rows(made)):
            return finding
        return replace(finding, reproduction=f"none: {BY_EARLIER.gap}", reproduce="", script="")

    def _reproduce(self, expectation: Expectation) -> tuple[Reproduction, str]:
        """Reproduces a fault on a new record where that is possible, else on the one that was named."""
        named = Derivation(self._log, expectation, self._names)
        if expectation.is_general and not named.is_on_own_record:
            with suppress(NoReproductionError):
                made, outcome = self._shortest(Derivation(self._log, expectation, self._names, is_fresh=True))
                if outcome != NOT_SHOWN:
                    return made, outcome
        if not named.is_harmless:
            raise NoReproductionError("it would change a record that the run has not created")
        made, outcome = self._shortest(named)
        creation = self._creation_of_row(made) if outcome == EXECUTED else None
        if creation is None:
            return made, outcome
        whole = replace(expectation, acts=(*expectation.acts, creation.request))
        made, outcome = self._shortest(Derivation(self._log, whole, self._names))
        if outcome == NOT_SHOWN:
            raise NoReproductionError(BY_EARLIER.gap)
        return made, outcome

    def _creation_of_row(self, made: Reproduction) -> LoggedExchange | None:
        """Returns what has created the row that breaks the promise in a list that is only read; None if others do."""
        path, own = urlsplit(made.steps[made.observed - 1].path).path, dict[Any, LoggedExchange]()
        for creation in self._log.created_before(len(self._log.entries) + 1):
            own |= {creation.values.get("id"): creation} if creation.path == path else {}
        with suppress(NotExecutedError, LookupError):  # it has shown the fault once
            broken, _ = self._read_rows(made) or ([], [])
            return next((own[row.get("id")] for row in broken if row.get("id") in own), None)
        return None

    def _read_rows(self, made: Reproduction) -> tuple[Rows, Rows] | None:
        """Returns the rows of a list that is only read: those that break the promise alone, and those that do not.

        None if it is kept now; no rows for other sequences and promises.
        """
        is_read = all(step.method == "GET" for step in made.steps)
        if not is_read or any(isinstance(one, AnswerMember) for one in made.arguments):
            return [], []
        answer = self._execute(made, self._send).answers[made.observed]
        if made.promise(answer, *made.arguments):
            return None
        is_of_rows = isinstance(answer.json, list) and made.promise(answer._replace(json=[]), *made.arguments)
        rows = [row for row in answer.json if isinstance(row, dict)] if is_of_rows else []
        broken = [row for row in rows if not made.promise(answer._replace(json=[row]), *made.arguments)]
        return broken, [row for row in rows if row not in broken]

    def _is_of_new_rows(self, made: Reproduction) -> bool:
        """True if a list that is only read keeps the promise by now, or breaks it in new rows only and not in each."""
        with suppress(NotExecutedError, LookupError, TypeError, ValueError):
            rows = self._read_rows(made)
            return rows is None or (all(rows) and all(map(self._guard.ownership.is_newer, rows[0])))
        return False

    def _with_files(self, finding: Finding, made: Reproduction, outcome: str) -> Finding:
        if outcome == NOT_SHOWN:
            return replace(finding, reproduction=outcome)
        heading = Heading(
            name=f"{finding.operation} {finding.promise}",
            received=self._redactor.text(finding.received),
            documented=self._redactor.text(finding.documented),
            target=self._guard.target.geturl(),
            workspace=self._names.workspace,
        )
        files = [render_pytest(made, heading), render_script(made, heading)]
        if self._quotes_secret(made) or any(self._redactor.holds(file) for file in files):
            return replace(finding, reproduction="none: it would quote a secret")
        self._made |= {finding.identity: made} if outcome == EXECUTED else {}
        test, script = map(Script, files)
        return replace(finding, reproduction=outcome, reproduce=test, script=script)

    def _quotes_secret(self, made: Reproduction) -> bool:
        """True if a text of a file, which may come from the target, has the form of a secret."""
        sent = [[step.path, step.body, step.content] for step in made.steps]
        values = [one for one in made.arguments if not isinstance(one, AnswerMember)]
        return any(self._redactor.changes(str(text)) for _, text in leaves([sent, values]))

    def _shortest(self, derivation: Derivation) -> tuple[Reproduction, str]:
        """Returns the shortest sequence that shows the fault, or the first one with the reason why it does not."""
        chosen: list[int] = []

        def shows(numbers: list[int]) -> bool:
            made = derivation.sequence(numbers)
            return self._shows(made, self._send) and not self._is_broken_by_fake(made)

        try:
            if not shows(chosen):
                chosen = list(derivation.optional)
                if not chosen or not shows(chosen):
                    made = derivation.sequence(chosen)
                    if self._is_broken_by_fake(made):
                        raise NoReproductionError(BY_EARLIER.gap)
                    return made, NOT_SHOWN
                for number in derivation.optional:
                    fewer = [one for one in chosen if one != number]
                    chosen = fewer if shows(fewer) else chosen
        except NotExecutedError as error:
            return derivation.sequence(chosen), f"not executed: {error}"
        return derivation.sequence(chosen), EXECUTED

    def _is_broken_by_fake(self, made: Reproduction) -> bool:
        """True if the fake breaks the promise too after these requests alone, or refuses one that has to succeed."""
        if self.begin_at_fake is None:
            return False
        with suppress(LookupError, TypeError, ValueError):  # the fake lacks what the target has shown
            execution = self._execute(made, self.begin_at_fake())
            refused = [step for step in made.steps if execution.is_refused(step)]
            return any(map(made.has_to_succeed, refused)) or self._is_broken(made, execution)
        return False

    def _shows(self, made: Reproduction, send: Sender) -> bool:
        """Executes a sequence; true if each request ends as before and the promise is broken."""
        return self._is_broken(made, self._execute(made, send))

    def _is_broken(self, made: Reproduction, execution: Execution) -> bool:
        return execution.is_alike and not made.promise(execution.answers[made.observed], *execution.arguments)

    def _execute(self, made: Reproduction, send: Sender) -> Execution:
        """Executes a sequence, up to a request that ends otherwise than before."""
        attempt = Attempt(self._names.mark, self._variables(), self._new_number)
        answers: dict[int, ReceivedAnswer] = {}
        is_alike = True
        for step in made.steps:
            if PLACEHOLDER.search(attempt.fill(step.path)):
                is_alike = is_alike and bool(step.deletes)  # an answer has named no key
            elif step.deletes:
                if 200 <= answers.get(step.deletes, _NOTHING).status < 300:
                    _send_step(step, attempt, send)
            elif is_alike:
                answers[step.number] = answer = _send_step(step, attempt, send)
                is_alike = step.is_success == (200 <= answer.status < 300)
                keys = {f"{name}_{step.number}": pick(answer.json, [name]) for name in step.saves}
                attempt.variables |= {name: key for name, key in keys.items() if isinstance(key, (int, str))}
        arguments = [
            pick(answers[one.number].json, attempt.fill(one.path))
            if isinstance(one, AnswerMember)
            else attempt.fill(one)
            for one in (made.arguments if is_alike else ())
        ]
        return Execution(is_alike, answers, arguments)

    def _variables(self) -> dict[str, Any]:
        return {"workspace": self._names.workspace, **self._names.keys}

    def _send(self, method: str, path: str, headers: dict[str, str], content: bytes) -> ReceivedAnswer:
        """Sends a request to the target."""
        self._sent += 1
        if self._end_reason:
            raise NotExecutedError(self._end_reason)
        if self._sent > MOST_REQUESTS:
            raise NotExecutedError("there are too many findings")
        url, data = self._guard.target.geturl() + path, content or None
        try:
            response = self._session.request(method, url, headers=headers, data=data, allow_redirects=False)
        except requests.RequestException:
            raise NotExecutedError("no response") from None
        if reason := response.headers.get(REFUSED) or response.headers.get(CUT):
            raise NotExecutedError(reason)
        if response.status_code in TROUBLE:
            raise NotExecutedError(f"the target answered {response.status_code}")
        return read_answer(response.status_code, response.headers, response.content)


_NOTHING = ReceivedAnswer(0, {}, "", ...)


def _send_step(step: Step, attempt: Attempt, send: Sender) -> ReceivedAnswer:
    content = json.dumps(attempt.fill(step.body)) if step.body is not None else attempt.fill(step.content)
    return send(step.method, attempt.fill(step.path), attempt.fill(step.headers), content.encode())
