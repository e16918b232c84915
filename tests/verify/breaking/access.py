"""Changes of access: accepted keys, and secrets in answers."""

from __future__ import annotations

from collections.abc import Callable

from tests.verify.exchange import Answer, Change, Fake, Request

Carried = Callable[[dict[str, str]], bool]


def let_in(key: str, carried: Carried) -> Change:
    """Answers requests with such headers as if they carried this key."""

    async def change(request: Request, fake: Fake) -> Answer:
        return await fake.ask(request.carrying(x_api_key=key) if carried(request.headers) else request)

    return change


def key_in_message(status: int) -> Change:
    """An error quotes the key that the caller sent."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if answer.status != status:
            return answer
        error = answer.json()
        return answer.with_json(error | {"message": f"{error['message']} for key {request.headers.get('x-api-key')}"})

    return change


def settings_returned_as_sent() -> Change:
    """Answers a new integration with all settings that were sent, secrets included."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success:
            return answer
        made = answer.json()
        return answer.with_json(made | {"data": made["data"] | request.sent["data"]})

    return change
