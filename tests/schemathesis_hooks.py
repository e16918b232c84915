"""What Schemathesis cannot know of the contract; imported by the tests, and named to its command line by
SCHEMATHESIS_HOOKS=tests.schemathesis_hooks."""

from typing import Any

import httpx
import schemathesis
from schemathesis.core.failures import AcceptedNegativeData
from schemathesis.openapi.checks import RejectedPositiveData

schemathesis.serializer.alias("application/zip", "application/octet-stream")


@schemathesis.hook
def filter_failure(context: Any, failure: Any, case: Any, response: Any) -> bool:
    if isinstance(failure, AcceptedNegativeData):
        # A free query name holds a text, whatever was meant by it: a bad value of `values` looks like a good one.
        return "parameter `values` in query" not in str(failure)
    if isinstance(failure, RejectedPositiveData):
        return not is_refused_by_state(response)
    return True


def is_refused_by_state(response: Any) -> bool:
    """A schema cannot say that a slug is taken or a role is not there. Such a 400 tells a rule; one by the contract
    tells what was received and what is documented."""
    if response.status_code != 400:
        return False
    answer = response.json()
    if "detail" in answer:  # the control API; its contract cannot say that a fault contradicts itself
        return not answer["detail"].startswith("body") and response.request.body
    by_contract = answer["message"].startswith(("Invalid path", "Invalid header", "Validation failed: body"))
    told = answer.get("data", [])
    return not by_contract and not any(row["message"].startswith("received ") for row in told)


@schemathesis.hook
def after_call(context: Any, case: Any, response: Any) -> None:
    # Over a socket: without its workspace the key can do nothing more, and all that follows would test a 403.
    base = case.operation.base_url
    if (
        base
        and base.startswith("http")
        and response.status_code == 200
        and (case.method, case.path) == ("DELETE", "/ws")
    ):
        httpx.post(f"{base.rstrip('/')}/_mock/reset").raise_for_status()
