"""Calls of the command line in the process of the tests."""

from click.testing import CliRunner, Result

from mockserver.__main__ import main


def invoke(*arguments: str, **environment: str) -> Result:
    """Runs `mockserver` with these arguments, and further variables in its environment."""
    # Caught by click, a crash has exit code 1, like findings.
    return CliRunner(catch_exceptions=False).invoke(main, arguments, env=environment)
