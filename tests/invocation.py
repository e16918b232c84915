"""Calls of the command line in the process of the tests."""

import signal

from click.testing import CliRunner, Result

from mockserver.__main__ import main
from mockserver.testing.run import STOP_SIGNALS


def invoke(*arguments: str, **environment: str) -> Result:
    """Runs `mockserver` with these arguments, and further variables in its environment."""
    handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    try:
        # Caught by click, a crash has exit code 1, like findings.
        return CliRunner(catch_exceptions=False).invoke(main, arguments, env=environment)
    finally:
        # `mockserver run` forwards signals to its command.
        for number, handler in handlers.items():
            signal.signal(number, handler)
