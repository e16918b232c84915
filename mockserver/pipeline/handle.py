"""Handle: the operation's handler answers from the state of the caller's sandbox, in one transaction.

Operations without a handler, and requests that prefer an example or generated data, are left to the stage `generate`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockserver.contract.operations import Operation
from mockserver.enspace.access import admit
from mockserver.enspace.context import Context
from mockserver.enspace.handlers import Handler
from mockserver.enspace.rule_errors import Forbidden, Invalid, MemberFault, NotFound, RuleError
from mockserver.pipeline.cache import BoundedCache
from mockserver.pipeline.exchange import UNCHECKED, Answer, Exchange
from mockserver.pipeline.json_text import write_json
from mockserver.pipeline.refusals import Refusal, Violation
from mockserver.pipeline.violations import describe_value
from mockserver.secrets import NO_SECRETS
from mockserver.state.collection import Duplicate
from mockserver.state.sandboxes import Sandbox, Sandboxes


class Handle:
    """The handlers by operationId. Fills in `answer`.

    Answers of reading handlers are cached by the version of the sandbox's world, which every change replaces.
    """

    name = "handle"

    def __init__(self, handlers: Mapping[str, Handler], sandboxes: Sandboxes, answers: BoundedCache[Answer]) -> None:
        self._handlers, self._sandboxes, self._answers = handlers, sandboxes, answers

    async def __call__(self, exchange: Exchange) -> str | None:
        operation, sandbox = exchange.operation, exchange.sandbox
        assert operation is not None
        handler = self._handlers.get(operation.id)
        if handler is None or sandbox is None or exchange.preferences.bypass_state:
            return None
        exchange.answer = answer = self._cached_answer(exchange, operation, handler, sandbox)
        exchange.notes += answer.notes
        return "state" if answer.value is not UNCHECKED else "state, cached"

    def _cached_answer(self, exchange: Exchange, operation: Operation, handler: Handler, sandbox: Sandbox) -> Answer:
        if not handler.only_reads:
            return self._answer(exchange, handler, sandbox)
        caller = exchange.caller
        assert caller is not None
        target = (operation.id, exchange.raw_path, exchange.query_string)
        key = (*target, exchange.workspace, caller["reference"], sandbox.world.version)
        cached = self._answers.get(key)
        if cached is not None:
            return cached
        exchange.cache_key = key
        return self._answer(exchange, handler, sandbox)

    def _answer(self, exchange: Exchange, handler: Handler, sandbox: Sandbox) -> Answer:
        try:
            value, notes = self._sandboxes.transact(sandbox, lambda: _call(handler, exchange, sandbox))
        except RuleError as error:
            raise _refusal(error, exchange.body) from None
        except Duplicate as error:
            raise _refusal(
                Invalid(MemberFault((error.members[-1],), error.values[-1], "must be unique")), exchange.body
            ) from None
        return Answer(exchange.status, write_json(value), "state", value, notes=tuple(notes))


def _call(handler: Handler, exchange: Exchange, sandbox: Sandbox) -> tuple[Any, list[str]]:
    """Returns the result of the handler and its notes."""
    caller, world = exchange.caller, sandbox.world
    assert caller is not None
    user = world["users"].get(caller["user"])
    if user is None:  # deleted by another process since the stage `authenticate`
        raise Forbidden("the user of this key is gone")
    key = caller if "scope" in caller else None
    context = Context(world, sandbox.clock(), sandbox.seed, sandbox.request_log, user, key)
    if exchange.workspace is not None:
        admit(context, exchange.workspace, handler.need)
    return handler(context, exchange.path, exchange.query, exchange.body), context.notes


def _refusal(error: RuleError, body: Any) -> Refusal:
    """Returns how a rule's refusal appears over HTTP."""
    if isinstance(error, NotFound):
        return Refusal(404, error.message)
    if isinstance(error, Forbidden):
        return Refusal(403, error.message)
    if isinstance(error, Invalid):
        violations = tuple(_violation(fault, body) for fault in error.faults)
        details = "; ".join(f"{v.member} {v.documented} (received {v.received})" for v in violations)
        return Refusal(400, f"Validation failed: {details}", violations=violations)
    return Refusal(400, error.message)


def _violation(fault: MemberFault, body: Any) -> Violation:
    is_absent = fault.received is None and not _has_member(body, fault.where)
    received = "nothing" if is_absent else describe_value(fault.where, fault.received, NO_SECRETS)
    return Violation(("body", *fault.where), "state", received, fault.requirement)


def _has_member(body: Any, where: tuple[str | int, ...]) -> bool:
    for name in where:
        if not isinstance(body, dict) or name not in body:
            return False
        body = body[name]
    return True
