"""Open inboxes hear of the tickets that their user sees."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import pytest
import pytest_asyncio

from parley.inbox.inbox_page.pages import stream
from tests.cast import Cast, Member


class Page:
    """An open inbox: what it hears, in order."""

    def __init__(self, heard: AsyncGenerator[bytes, None]) -> None:
        self.heard = heard

    async def next(self) -> str | None:
        message = await asyncio.wait_for(anext(self.heard), 60)
        fields = dict(line.split(": ", 1) for line in message.decode().splitlines() if line)
        return fields.get("event")

    async def until(self, name: str) -> list[str | None]:
        """Return the events up to this one."""
        heard = [await self.next()]
        while heard[-1] != name:
            heard.append(await self.next())
        return heard


@pytest_asyncio.fixture
async def page(cast: Cast, bob: Member, app, services) -> AsyncIterator[Page]:
    """Bob's open inbox."""
    authenticator = app.app.state.authenticator
    client = await cast.sign_in(bob)
    token = client.cookies["parley_session"]
    principal = await authenticator.session_principal(token)
    actor = await authenticator.actor(principal, str(bob.project_id))
    opened = Page(stream._changes(services, actor, authenticator, token))
    assert (await opened.next(), await opened.next()) == (None, None)  # it listens from now on
    yield opened
    await opened.heard.aclose()


def name(ticket: dict[str, Any]) -> str:
    return f"ticket-{ticket['ticket_number']}"


async def test_a_page_hears_nothing_of_hidden_tickets(page, desk, keeper):
    hidden, shown = await desk.open(), await desk.open()
    await keeper.on(hidden, "none")
    assert stream.RESYNC in await page.until(stream.RESYNC)
    await desk.change(hidden["id"], status="open")
    await desk.say(hidden, "Secret")
    await desk.change(shown["id"], status="open")
    assert await page.until(name(shown)) == [name(shown)]


async def test_a_page_follows_what_its_user_may_see(page, desk, keeper):
    ticket, other = await desk.open(), await desk.open()
    await keeper.everywhere("none")
    await page.until(stream.RESYNC)
    await desk.change(ticket["id"], status="open")
    await keeper.on(ticket, "viewer")
    assert await page.until(stream.RESYNC) == [stream.RESYNC]
    await desk.change(other["id"], status="open")
    await desk.change(ticket["id"], status="pending")
    assert await page.until(name(ticket)) == [name(ticket)]


async def test_a_page_ends_with_the_membership_also_while_much_happens(
    page, desk, keeper, alice, bob, monkeypatch
):
    monkeypatch.setattr(stream, "ASK_AGAIN_S", 0.0)
    ticket = await desk.open()
    gone = await alice.client.delete(f"{keeper.organization}/members/{bob.user_uuid}/")
    assert gone.status_code == 204
    await desk.change(ticket["id"], status="open")
    await page.until(stream.RESYNC)  # what it loads now leads it away
    with pytest.raises(StopAsyncIteration):
        await page.next()
