"""Act: the operation's own handler answers from the state of the caller's sandbox, in one transaction.

Operations without a handler, and requests that wish for something made up, are left to the stage `produce`. What was
answered to a reading call is remembered until the sandbox changes.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.enspace.access import admit
from mockserver.enspace.context import Context
from mockserver.enspace.handlers import Handler
from mockserver.enspace.rule_errors import Forbidden, Invalid, InvalidQuery, MemberFault, NotFound, RuleError
from mockserver.pipeline.cache import remember
from mockserver.pipeline.exchange import Answer, Exchange
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Refusal, Violation
from mockserver.pipeline.violations import tell_value
from mockserver.secrets import mask_text
from mockserver.state.collection import Duplicate
from mockserver.state.sandboxes import Sandbox, Sandboxes

_MOST_REMEMBERED = 512
_LONGEST_REMEMBERED = 65_536
_NO_SECRETS: frozenset[str] = frozenset()


class Handle:
    """The handlers by operationId."""

    name = "act"

    def __init__(self, handlers: Mapping[str, Handler], sandboxes: Sandboxes) -> None:
        self._handlers, self._sandboxes = handlers, sandboxes

    def __call__(self, exchange: Exchange) -> None:
        operation, preferences, sandbox = exchange.operation, exchange.preferences, exchange.sandbox
        assert operation is not None
        assert preferences is not None
        handler = self._handlers.get(operation.id)
        if handler is None or sandbox is None or preferences.is_for_made_up:
            return
        if not handler.only_reads:
            exchange.answer = self._answer(exchange, handler, sandbox)
            return
        if sandbox.answers_of != sandbox.world.version:
            sandbox.answers, sandbox.answers_of = {}, sandbox.world.version
        assert exchange.caller is not None
        key = (exchange.raw_path, exchange.query_string, exchange.workspace, exchange.caller["reference"])
        answer = sandbox.answers.get(key)
        if answer is None:
            answer = self._answer(exchange, handler, sandbox)
            if len(answer.body) <= _LONGEST_REMEMBERED:
                remember(sandbox.answers, key, answer, _MOST_REMEMBERED)
        exchange.answer = answer

    def _answer(self, exchange: Exchange, handler: Handler, sandbox: Sandbox) -> Answer:
        try:
            with sandbox.world.transaction() as changes:
                value = self._handle(exchange, handler, sandbox)
                if changes:
                    self._sandboxes.commit(sandbox, changes)
        except RuleError as error:
            raise _refusal(error) from None
        except Duplicate as error:
            raise _refusal(Invalid(MemberFault(error.members[-1], error.values[-1], "must be unique"))) from None
        return Answer(exchange.status, write_json(value), "state", value)

    def _handle(self, exchange: Exchange, handler: Handler, sandbox: Sandbox) -> Any:
        caller, world = exchange.caller, sandbox.world
        assert caller is not None
        user = world["users"].get(caller["user"])
        assert user is not None
        context = Context(
            world,
            sandbox.clock(),
            sandbox.seed,
            sandbox.request_log,
            user,
            caller if "scope" in caller else None,
        )
        if exchange.workspace is not None:
            admit(context, exchange.workspace, handler.need)
        return handler(context, exchange.path, exchange.query, exchange.body)


def _refusal(error: RuleError) -> Refusal:
    """How a rule's no looks over HTTP."""
    if isinstance(error, NotFound):
        return Refusal(404, error.message)
    if isinstance(error, Forbidden):
        return Refusal(403, error.message)
    if isinstance(error, InvalidQuery):
        received = tell_value([error.name], error.received, _NO_SECRETS)
        told = f"{error.name} (received {received}, documented: {error.documented})"
        violation = Violation(f"query.{error.name}", "state", received, error.documented)
        return Refusal(400, f"Invalid query parameter: {told}", violations=(violation,))
    if isinstance(error, Invalid):
        violations = tuple(
            Violation(mask_text(f"body.{field}"), "state", tell_value(field.split("."), received, _NO_SECRETS), demand)
            for field, received, demand in error.faults
        )
        told = "; ".join(f"{v.where.partition('.')[2]} {v.documented} (received {v.received})" for v in violations)
        return Refusal(400, f"Validation failed: {told}", violations=violations)
    return Refusal(400, error.message)
