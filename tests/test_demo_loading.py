"""Demo data is made in small pieces, each of them once, whatever happens between them; open inboxes hear how far it is."""

import asyncio
from collections import Counter
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import func, select, update

from parley.accounts.members.actions import add_member
from parley.accounts.memberships.queries import member_ids
from parley.accounts.users.actions import create_user
from parley.analytics.recordings.tables import recording
from parley.conversations.quick_actions.tables import quick_action
from parley.conversations.tickets.tables import comment, ticket
from parley.demo.jobs import load_demo_part
from parley.demo.loading import ask_for_demo_data, load_demo_data, load_part
from parley.demo.rules import LOAD
from parley.email.outbound.tables import outbound_email
from parley.inbox.ticket_rows.queries.counts import demo_key
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.http.authorization import MEMBER
from parley.kernel.jobs import Event, Work, asked_work, is_waiting, outbox
from parley.kernel.services import Services
from parley.knowledge.articles.tables import article
from parley.people.events.tables import event
from tests.cast import Cast, TestProject
from tests.plain_browser import PlainBrowser, window_of


async def asked(services: Services, project_id: int) -> Event | None:
    async with services.database.transaction(write=False) as db:
        return await asked_work(db, LOAD, project_id)


async def ask(services: Services, project_id: int) -> bool:
    async with services.database.transaction() as db:
        return await ask_for_demo_data(db, services, project_id)


async def press(window: PlainBrowser) -> httpx.Response:
    """Return what the button of the first steps answers."""
    await window.open("/inbox")
    form = {"csrf_token": window.page.all("input", name="csrf_token")[0]["value"]}
    answer: httpx.Response = await window.client.post("/settings/demo-data", data=form)
    return answer


async def authors_of(services: Services, project_id: int) -> set[int]:
    """Return who of the team has written."""
    c = comment.c
    written = select(c.created_by).where(c.project_id == project_id, c.created_by.is_not(None))
    async with services.database.transaction(write=False) as db:
        return set((await db.execute(written)).scalars())


async def member_ids_of(services: Services, project: TestProject) -> frozenset[int]:
    async with services.database.transaction(write=False) as db:
        return await member_ids(db, project.organization_id)


@pytest.fixture
async def window(cast: Cast) -> PlainBrowser:
    return await window_of(cast, cast.alice)


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
        assert [heard.get_nowait().name for _ in range(heard.qsize())] == ["demo.loading"] * 2
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


async def add_user(services: Services, email: str) -> int:
    async with services.database.transaction() as db:
        return await create_user(db, services, email=email, password_hash="x", first_name="Maya")


async def join(services: Services, organization_id: UUID, user_id: int) -> None:
    async with services.database.transaction() as db:
        await add_member(db, services, organization_id=organization_id, user_id=user_id, level=MEMBER)


@pytest.mark.parametrize(
    "name", ["maya", "tom.zcb6wq"]
)  # as earlier versions named them, and as this one does
async def test_what_is_there_is_not_made_again_and_nobody_is_told(services, project, window, name):
    await join(
        services, project.organization_id, await add_user(services, f"{name}.{project.id}@demo.example")
    )
    async with services.live.subscription(f"project:{project.id}") as heard:
        with pytest.raises(Invalid, match="already"):
            await ask(services, project.id)
        with pytest.raises(Invalid, match="already"):
            await load_demo_data(services, project.id)
        assert heard.qsize() == 0
    refused = await press(window)
    assert refused.status_code == 400 and "This project has the demo data already." in refused.text
    with pytest.raises(NotFound):
        await load_demo_data(services, 2_000_000)


async def test_addresses_that_others_have_taken_keep_no_demo_data_away(services, cast, project, window):
    foreign = {
        await add_user(services, f"{name}.{project.id}@demo.example")
        for name in ("maya", "jonas", "priya", "tom", "maya.zcb6wq")
    }
    for user_id in foreign:
        await join(services, cast.mallory.organization_id, user_id)
    assert (await press(window)).status_code == 303
    authors: set[int] = set()
    while (one := await asked(services, project.id)) is not None and len(authors) < 4:
        await load_part(services, one)
        authors = await authors_of(services, project.id)
    members = await member_ids_of(services, project)
    assert len(authors) == 4 and authors <= members and not authors & foreign


async def test_who_presses_again_has_work_tried_again_that_was_given_up(services, project, window):
    assert (await press(window)).status_code == 303
    for _ in range(2):
        one = await asked(services, project.id)
        assert one is not None
        await load_part(services, one)
    async with services.database.transaction() as db:
        failed = {"attempts": 9, "dead_at": services.clock.now(), "last_error": "OSError: No space is left."}
        await db.execute(update(outbox).where(outbox.c.project_id == project.id).values(failed))
    await services.cache.delete(demo_key(project.id))
    assert (await press(window)).status_code == 303
    await window.open("/inbox")
    shown = window.page.one("section", class_="inbox-list").text
    assert "Loading the demo data: 0 of 200 conversations" in shown
    async with services.database.transaction(write=False) as db:
        assert await is_waiting(db, LOAD, project_id=project.id)


async def do(services: Services, project_id: int) -> None:
    """Do the next piece as a server does."""
    one = await asked(services, project_id)
    assert one is not None
    shared = (asyncio.Event(), asyncio.Semaphore())
    work = Work(one.project_id, one.id, one.name, one.payload, one.attempts, *shared)
    await load_demo_part(services, work)


async def n_tickets(services: Services, project_id: int) -> int:
    found = select(func.count()).select_from(ticket).where(ticket.c.project_id == project_id)
    async with services.database.transaction(write=False) as db:
        return int((await db.execute(found)).scalar_one())


async def test_what_is_revived_later_is_not_made_where_somebody_would_be_told(services, project, cast, clock):
    await ask(services, project.id)
    while await n_tickets(services, project.id) < 30:
        await do(services, project.id)
    before = await n_tickets(services, project.id)
    clock.advance(timedelta(days=3))
    change = {"conversations_settings": {"notification_recipients": [cast.alice.user_id]}}
    answer = await cast.alice.client.patch("/api/projects/@current/", json=change)
    assert answer.status_code == 200, answer.text
    with pytest.raises(Invalid, match="members get mails about new conversations"):
        await do(services, project.id)
    assert await n_tickets(services, project.id) == before
    change = {"conversations_settings": {"notification_recipients": []}}
    assert (await cast.alice.client.patch("/api/projects/@current/", json=change)).status_code == 200
    await do(services, project.id)
    assert await n_tickets(services, project.id) > before


async def test_some_write_by_mail_few_are_overdue_and_nothing_leaves(services, project, queue, sent_mail):
    before = len(sent_mail)
    await load_demo_data(services, project.id)
    await queue.drain()
    c, now = ticket.c, services.clock.now()
    async with services.database.transaction(write=False) as db:
        mine = select(c.channel_source, c.status, c.sla_due_at).where(c.project_id == project.id)
        found = (await db.execute(mine)).all()
        states = select(outbound_email.c.state).where(outbound_email.c.project_id == project.id)
        kept = Counter((await db.execute(states)).scalars())
    by_mail = sum(one.channel_source == "email" for one in found)
    assert 25 <= by_mail <= 75 and kept["sent"] >= 25 and set(kept) == {"sent"}
    going_on = [one for one in found if one.status != "resolved"]
    late = [one for one in going_on if one.sla_due_at is not None and one.sla_due_at < now]
    assert 0 < len(late) <= len(going_on) / 10
    assert not [one for one in sent_mail[before:] if "planner-" in str(one["From"])]
