"""Integrations: external providers that a workspace has set up. R103-R111."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from mockserver.enspace import lists, views
from mockserver.enspace.context import Context
from mockserver.enspace.lists import Query
from mockserver.enspace.providers import PROVIDERS
from mockserver.state.table import Record


def list_integrations(context: Context, query: Query) -> list[Record]:
    return [views.integration(context.world, record) for record in lists.select(context, "integrations", query)]


def create_integration(context: Context, body: Record) -> Record:
    """Sets a provider up, or changes its record; secrets change only if `changeKeys` is true. R107-R109."""
    provider, given = PROVIDERS[body["integration"]], body["data"]
    data = {"changeKeys": False} | {name: given[name] for name in provider.answered if name in given}
    secrets = {name: _fingerprint(given[name]) for name in provider.secrets if name in given}
    record = context.world["integrations"].find(("workspace", "integration"), context.workspace["id"], provider.id)
    if record is None:
        new = context.insert("integrations", integration=provider.id, data=data, secrets=secrets)
        return views.integration(context.world, new)
    # R109: without `changeKeys` the stored secrets stay.
    kept = record["secrets"] | secrets if data["changeKeys"] else record["secrets"]
    return views.integration(context.world, context.update("integrations", record, data=data, secrets=kept))


def _fingerprint(secret: Any) -> str:
    """Returns a hash that shows whether a secret has changed; secrets themselves are never stored."""
    return sha256(repr(secret).encode()).hexdigest()
