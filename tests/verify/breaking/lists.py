"""Changes of lists: which records they contain, and in which order."""

from __future__ import annotations

from dataclasses import replace

from tests.verify.exchange import Answer, Change, Fake, Request


def pages_moved(by: int) -> Change:
    """Every page but the first begins too early (they overlap) or too late (they leave a gap)."""

    async def change(request: Request, fake: Fake) -> Answer:
        start = request.query.get("_start", "")
        return await fake.ask(request.asking(_start=int(start) + by) if start.isdigit() and int(start) else request)

    return change


def query_ignored(*names: str) -> Change:
    """These query values are validated and then ignored."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success:
            return answer
        return await fake.ask(
            replace(request, query={name: value for name, value in request.query.items() if name not in names})
        )

    return change


def last_is_of_another_type() -> Change:
    """The last item of a list is one of another type, so that the number of items is right."""

    async def change(request: Request, fake: Fake) -> Answer:
        answer = await fake.ask(request)
        if not answer.is_success or not (listed := answer.json()):
            return answer
        slug = listed[-1]["item_type"]["slug"]
        for other in (await fake.ask(request.at("/ws/types"))).json():
            items = await fake.ask(request.at(f"/ws/types/{other['slug']}/items", _limit=1))
            if other["slug"] != slug and items.json():
                return answer.with_json(listed[:-1] + items.json())
        return answer

    return change
