"""`mockserver verify` on the second target, in a folder of its own: how it ended, and what it printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from mockserver.__main__ import main

QUICK = ("--depth", "quick", "--tags", "Types,Fields")


class CommandRun:
    """One finished run with quick options; `options` are added to them."""

    def __init__(self, folder: Path, url: str, *options: str) -> None:
        done = CliRunner(catch_exceptions=False).invoke(
            main, ["verify", url, "--report", str(folder), *QUICK, *options]
        )
        assert isinstance(done.exception, SystemExit | None), done.exception
        assert "Traceback" not in done.output
        self.exit_code, self.output = done.exit_code, done.stdout
        self.report: dict[str, Any] = json.loads((folder / "verify.json").read_text())
        self.seconds: float = self.report["environment"]["seconds"]
