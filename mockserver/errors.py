"""Errors that stop the start. While requests are served there are only refusals (see `pipeline.exchange`).

StartError
├── ContractError    the contract cannot be used            contract/document.py
├── FixtureError     a file of the fixtures cannot be used   state/fixtures.py
├── StoreError       the store cannot be used                state/stores.py
├── PayloadError     no value can be made for a schema       payloads
├── SettingsError    a setting has an impossible value       settings.py
├── ReloadError      --reload does not go with the rest      reload/front.py
└── ServeError       the address is not to be had            server.py
"""

from mockserver.secrets import mask_text


class StartError(Exception):
    """Its text is for people: where, what was found, and how to mend it. Commands print it and exit with 2."""

    def __init__(self, text: str) -> None:
        super().__init__(mask_text(text))
