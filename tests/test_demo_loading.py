"""Demo data is made in small pieces, each of them once, whatever happens between them; open inboxes hear how far it is."""

from collections import Counter

import pytest
from sqlalchemy import func, select

from parley.accounts.users.actions import create_user
from parley.analytics.recordings.tables import recording
from parley.conversations.quick_actions.tables import quick_action
from parley.conversations.tickets.tables import comment, ticket
from parley.demo.loading import ask_for_demo_data, load_demo_data, load_part
from parley.demo.rules import LOAD
from parley.inbox.ticket_rows.queries.counts import demo_key
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.jobs import Event, asked_work
from parley.kernel.services import Services
from parley.knowledge.articles.tables import article
from parley.people.events.tables import event


async def asked(services: Services, project_id: int) -> Event | None:
    async with services.database.transaction(write=False) as db:
        return await asked_work(db, LOAD, project_id)


async def ask(services: Services, project_id: int) -> bool:
    async with services.database.transaction() as db:
        return await ask_for_demo_data(db, services, project_id)


async def n_made(services: Services, project_id: int) -> Counter[str]:
    """Return how many rows there are of each kind of which a piece that is made twice would leave more."""
    made: Counter[str] = Counter()
    async with services.database.transaction(write=False) as db:
        for table in (ticket, comment, recording, event, quick_action, article):
            found = select(func.count()).select_from(table).where(table.c.project_id == project_id)
            made[table.name] = (await db.execute(found)).scalar_one()
        blocks = select(func.sum(recording.c.n_blocks)).where(recording.c.project_id == project_id)
        made["blocks"] = (await db.execute(blocks)).scalar_one()
    return made


async def test_each_piece_is_made_once_and_open_inboxes_hear_how_far_it_is(services, project, queue):
    async with services.live.subscription(f"project:{project.id}") as heard:
        assert await ask(services, project.id)
        assert not await ask(services, project.id)
        assert [heard.get_nowait().name for _ in range(heard.qsize())] == ["demo.loading"]
        assert await services.cache.get(demo_key(project.id)) == b"0 of 200 conversations"
        told = []
        while (one := await asked(services, project.id)) is not None:
            for _ in range(
                2
            ):  # a process that was killed has left it, or another one does it at the same time
                await load_part(services, one)
            told.append(await services.cache.get(demo_key(project.id)))
        names = [heard.get_nowait().name for _ in range(heard.qsize())]
        assert set(names) == {"demo.loading", "resync"} and names[-1] == "resync"
    assert b"100 of 200 conversations" in told and told[-1] is None
    made = await n_made(services, project.id)
    assert (made["ticket"], made["recording"], made["blocks"]) == (200, 2, 48)
    assert (made["quick_action"], made["article"]) == (3, 2)
    assert await queue.drain()  # webhooks, indexes and the like
    assert await n_made(services, project.id) == made


async def test_what_is_there_is_not_made_again_and_nobody_is_told(services, project):
    async with services.database.transaction() as db:
        email = f"maya.{project.id}@demo.example"  # by which a project says that it has the demo data
        await create_user(db, services, email=email, password_hash="x", first_name="Maya")
    async with services.live.subscription(f"project:{project.id}") as heard:
        assert not await ask(services, project.id)
        with pytest.raises(Invalid, match="already"):
            await load_demo_data(services, project.id)
        assert heard.qsize() == 0
    with pytest.raises(NotFound):
        await load_demo_data(services, 2_000_000)
