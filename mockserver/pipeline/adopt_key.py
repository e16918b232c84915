"""Keys of an upstream in the operations that the fake answers. Only with `--upstream`."""

from __future__ import annotations

from mockserver.enspace.keys import first_credentials
from mockserver.pipeline.exchange import Exchange
from mockserver.pipeline.pipeline import Stage
from mockserver.pipeline.refusals import Refusal
from mockserver.state.sandboxes import Sandbox


class AdoptKey:
    """The stage `authenticate` for keys of the upstream: one that the fake does not know counts as its first full key.

    So does the workspace, since those of the upstream are not known here either.
    """

    name = "authenticate"

    def __init__(self, authenticate: Stage, default: Sandbox) -> None:
        self._authenticate, self._default = authenticate, default

    async def __call__(self, exchange: Exchange) -> str | None:
        try:
            return await self._authenticate(exchange)
        except Refusal:
            has_credentials = b"x-api-key" in exchange.headers or b"authorization" in exchange.headers
            # A key of the fake keeps its rights, and its refusals.
            if exchange.sandbox is not None or not has_credentials:
                raise
            return self._adopt(exchange)

    def _adopt(self, exchange: Exchange) -> str:
        world = self._default.world
        credentials = first_credentials(world)
        exchange.sandbox, exchange.workspace = self._default, credentials.workspace
        exchange.caller = world["api_keys"].find(("key",), credentials.key)
        return f"a key of the upstream, counts as the first one here, in {credentials.workspace}"
