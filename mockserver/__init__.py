"""A fake Enspace: one OpenAPI document drives a server that answers as Enspace would."""

import warnings

with warnings.catch_warnings():
    # Connexion imports Starlette's test client, which warns about httpx; nothing here uses that client.
    warnings.simplefilter("ignore")
    import connexion as connexion

from mockserver.app import create_app
from mockserver.settings import Settings

__all__ = ["Settings", "create_app"]
