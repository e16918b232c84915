"""Schemathesis hooks: failures that follow from state and not from the contract.

Tests import it; the command line of Schemathesis loads it with SCHEMATHESIS_HOOKS=tests.schemathesis_hooks.
"""

from typing import Any

import httpx
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

schemathesis.serializer.alias("application/zip", "application/octet-stream")


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    if isinstance(failure, AcceptedNegativeData):
        # `values` accepts any query name with a text, so that none of its generated values is invalid.
        return "parameter `values` in query" not in str(failure)
    if isinstance(failure, RejectedPositiveData):
        return not is_refused_by_state(response)
    return True


def is_refused_by_state(response: Any) -> bool:
    """Reports whether a 400 comes from a business rule, such as a taken slug, which a schema cannot express.

    A violation of the contract names what was received and what is documented instead.
    """
    if response.status_code != 400:
        return False
    answer = response.json()
    if "detail" in answer:  # the control API; its schema cannot forbid contradicting members of a fault
        return not answer["detail"].startswith("body") and response.request.body
    by_contract = answer["message"].startswith(("Invalid path", "Invalid header", "Validation failed: body"))
    violations = answer.get("data", [])
    return not by_contract and not any(row["message"].startswith("received ") for row in violations)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    # A key without its workspace gets 403 for every later call, so a server of its own process is reset.
    base = case.operation.base_url
    if (
        base
        and base.startswith("http")
        and response.status_code == 200
        and (case.method, case.path) == ("DELETE", "/ws")
    ):
        httpx.post(f"{base.rstrip('/')}/_mock/reset", timeout=60).raise_for_status()
