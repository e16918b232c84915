"""The eight integration providers of Enspace, which are the same in every workspace.

Source: doc.api.enspace.io/sendgrid-2021823m0 and the pages of the other providers; ids and stamps of Adobe Sign,
Whatsapp Twilio and OpenAi, and the slug of Whatsapp Twilio, are inferred.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Provider:
    """Responses contain the members `answered` of an integration's data, and never the members `secrets`."""

    id: int
    name: str
    slug: str
    milliseconds: int
    answered: tuple[str, ...] = ("changeKeys", "environment")
    secrets: tuple[str, ...] = ()
    shown: dict[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        stamp = f"2025-06-17T15:40:10.{self.milliseconds}Z"
        shown = {
            "id": self.id,
            "name": self.name,
            "description": f"integrations.{self.slug}.description",  # R110
            "category": f"integrations.{self.slug}.category",
            "slug": self.slug,
            "created_at": stamp,
            "updated_at": stamp,
            "media": [],
        }
        object.__setattr__(self, "shown", shown)


_CATCHER = ("changeKeys", "environment", "webhookCatcherEndpoint")
_TWILIO = (
    *("changeKeys", "phone_number", "autoclose_hours", "autoclose_minutes", "send_autoclose_message_minutes"),
    *("autoclose_message", "post_autoclose_message"),
)

PROVIDERS = {
    provider.id: provider
    for provider in (
        Provider(1, "Certisign", "certisign", 353, answered=_CATCHER, secrets=("token",)),
        Provider(2, "Adobe Sign", "adobe_sign", 374, secrets=("integration_key",)),
        Provider(3, "D4Sign", "d4sign", 394, secrets=("token", "cryptKey")),
        Provider(4, "Sendgrid", "sendgrid", 419, secrets=("api_key",)),
        Provider(5, "Clicksign", "clicksign", 440, answered=_CATCHER, secrets=("token",)),
        Provider(6, "Whatsapp Twilio", "whatsapp_twilio", 460, answered=_TWILIO),
        Provider(7, "OpenAi", "openai", 479, secrets=("api_key",)),
        Provider(8, "Docusign", "docusign", 498, secrets=("integration_key", "access_token")),
    )
}
