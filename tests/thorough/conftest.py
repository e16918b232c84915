"""Fixtures of other folders that the thorough tests use too."""

from tests.traffic.conftest import reads, recorder
from tests.verify.conftest import credentials, document, plan, run_command, sandbox, shared_sandbox

__all__ = ["credentials", "document", "plan", "reads", "recorder", "run_command", "sandbox", "shared_sandbox"]
