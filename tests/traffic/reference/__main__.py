"""Starts the reference server until Ctrl-C."""

from __future__ import annotations

import argparse
from contextlib import suppress

from tests.traffic.reference.deviations import DEVIATIONS
from tests.traffic.reference.server import ReferenceServer


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.traffic.reference", description=__doc__)
    parser.add_argument("--port", type=int, default=4020, help="0 takes a free one")
    parser.add_argument("--deviation", action="append", default=[], choices=[*DEVIATIONS, "all"], metavar="NAME")
    arguments = parser.parse_args()
    names = DEVIATIONS if "all" in arguments.deviation else arguments.deviation
    server = ReferenceServer([DEVIATIONS[name].change for name in names], arguments.port)
    print(f"reference server on {server.url}", flush=True)
    with suppress(KeyboardInterrupt):
        server.serve_forever()


main()
