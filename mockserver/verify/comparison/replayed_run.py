"""Replay of a run against a fake in this process."""

from __future__ import annotations

from urllib.parse import urlsplit

from mockserver.contract.document import Document
from mockserver.contract.operations import base_path
from mockserver.settings import Settings
from mockserver.traffic.replay import Replay, open_replay
from mockserver.verify.run_calls import RunCalls


def replay_run(document: Document, target: str, calls: RunCalls) -> Replay:
    """Prepares a fake with the records that a run has shown first. Raises `StartError` if there are none."""
    prefix = urlsplit(target).path + base_path(document)
    return open_replay([calls], Settings(spec=document.path), prefix, has_fixtures=False)
