"""`mockserver verify` on the second target, in a folder of its own: how it ended, and what it printed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.invocation import invoke

QUICK = ("--depth", "quick", "--tags", "Types,Fields")


class CommandRun:
    """One finished run with quick options; `options` are added to them."""

    def __init__(self, folder: Path, url: str, *options: str) -> None:
        done = invoke("verify", url, "--report", str(folder), *QUICK, *options)
        assert "Traceback" not in done.output
        self.exit_code, self.output = done.exit_code, done.stdout
        self.report: dict[str, Any] = json.loads((folder / "verify.json").read_text())
        self.seconds: float = self.report["environment"]["seconds"]
