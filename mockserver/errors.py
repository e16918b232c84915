"""Errors that stop the start. While requests are served there are only refusals (see `pipeline/refusals.py`).

StartError
├── ContractError    the contract cannot be used            contract/document.py
├── FixtureError     a file of the fixtures cannot be used   fixture_files/fixture_reader.py
├── StoreError       the store cannot be used                state/stores.py
├── PayloadError     a schema has no value                  payloads
├── SettingsError    a setting has an impossible value       settings.py
├── ReloadError      --reload cannot be combined             serving/reload.py
└── ServeError       the address cannot be used              serving/server.py
"""

from mockserver.secrets import mask_text


class StartError(Exception):
    """The text is for people: where, what was found, and how to fix it. Commands print it and exit with 2."""

    def __init__(self, text: str) -> None:
        super().__init__(mask_text(text))
