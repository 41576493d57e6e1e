"""Following: woken by notices, looking by itself, ending when it should."""

import asyncio
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from parley.accounts.authentication.queries import principal_by_key_hash
from parley.conversations.change_feed.actions.noting import note
from parley.conversations.change_feed.schemas import Noted
from parley.conversations.stream.actions import Start, follow, present_cursor
from parley.kernel.http.authorization import Actor
from parley.kernel.ids import token_hash

PATIENCE_S = 60.0
LONG, SHORT = 600.0, 0.05


@pytest.fixture
def deleted(clock, project):
    """A change that needs no ticket, and that nobody is told of."""

    def make() -> Noted:
        return Noted(project.id, "ticket.deleted", uuid4(), 7, None, clock.now())

    return make


@pytest.fixture
def started(app, services, alice, project):
    """Follow alice's project as alice."""

    async def start(beat_s: float) -> AsyncIterator[bytes]:
        cursor = await present_cursor(services, project.id)
        start = Start(project.id, cursor, is_new=True, beat_s=beat_s)
        return follow(services, start, let_in)

    async def let_in() -> Actor | None:
        found = await principal_by_key_hash(services.database, token_hash(alice.key))
        assert found is not None
        actor: Actor = await app.app.state.authenticator.actor(found.principal, str(project.id))
        return actor

    return start


async def until(chunks: AsyncIterator[bytes], wanted: bytes) -> bytes:
    """Read until something is said; return what was said on the way."""
    heard = b""
    while wanted not in heard:
        heard += await asyncio.wait_for(anext(chunks), PATIENCE_S)
    return heard


async def test_a_silent_line_says_that_it_is_alive(started):
    chunks = await started(SHORT)
    await until(chunks, b": still here")
    await until(chunks, b": still here")


async def test_a_lost_notice_only_costs_time(started, deleted, database):
    chunks = await started(SHORT)
    await until(chunks, b": still here")
    async with database.transaction() as db:
        note(db, deleted())
    assert b"event: ticket.deleted" in await until(chunks, b"ticket.deleted")


async def test_a_notice_wakes_it(started, deleted, database, services, project):
    chunks = await started(LONG)
    await until(chunks, b"id: ")
    heard = asyncio.create_task(until(chunks, b"ticket.deleted"))
    async with database.transaction() as db:
        note(db, deleted())
    await services.live.publish(f"project:{project.id}", "ticket.deleted")
    await heard


async def test_what_changed_before_it_listened_is_sent_at_once(started, deleted, database):
    chunks = await started(LONG)
    async with database.transaction() as db:
        note(db, deleted())
    await until(chunks, b"ticket.deleted")


async def test_notices_without_end_leave_nothing_behind(started, deleted, database, services, project):
    chunks = await started(LONG)
    await until(chunks, b"id: ")
    heard = asyncio.create_task(until(chunks, b"ticket.deleted"))
    for _ in range(3000):
        await services.live.publish(f"project:{project.id}", "ticket.changed")
    async with database.transaction() as db:
        note(db, deleted())
    await services.live.publish(f"project:{project.id}", "ticket.deleted")
    await heard
