"""The backlog as events that charts can read."""

from datetime import timedelta

from sqlalchemy import select, update

from parley.conversations.backlog_counts.actions import count_backlog
from parley.conversations.backlog_counts.queries import projects_with_backlog
from parley.conversations.backlog_counts.rules import EVENT
from parley.conversations.tickets.tables import ticket
from parley.people.events.tables import event

AGES_IN_HOURS = (0, 1, 24, 71, 72, 167, 168, 9000)


async def counted(database, project):
    found = select(event.c.properties, event.c.timestamp).where(
        event.c.project_id == project.id, event.c.event == EVENT
    )
    async with database.transaction(write=False) as db:
        return (await db.execute(found.order_by(event.c.timestamp))).all()


async def test_unresolved_tickets_are_counted_by_age_once_an_hour(desk, project, database, clock):
    now = clock.now().replace(minute=7)
    for hours in AGES_IN_HOURS:
        made = await desk.open()
        this = update(ticket).where(
            ticket.c.project_id == project.id, ticket.c.number == made["ticket_number"]
        )
        async with database.transaction() as db:
            await db.execute(this.values(created_at=now - timedelta(hours=hours)))
    await desk.change(made["id"], status="resolved")
    for at in (now, now + timedelta(minutes=20), now + timedelta(hours=1)):
        async with database.transaction() as db:
            await count_backlog(db, project.id, at)
    first, second = await counted(database, project)
    assert first.properties == {
        "backlog_count": 7,
        "backlog_under_1_day": 2,
        "backlog_1_to_3_days": 2,
        "backlog_3_to_7_days": 2,
        "backlog_over_7_days": 1,
    }
    assert (first.timestamp, second.timestamp - first.timestamp) == (
        now.replace(minute=0, second=0, microsecond=0),
        timedelta(hours=1),
    )


async def test_only_projects_with_unresolved_tickets_are_counted(desk, project, database, clock, mallory):
    made = await desk.open()
    async with database.transaction(write=False) as db:
        found = await projects_with_backlog(db)
    assert project.id in found and mallory.project_id not in found
    await desk.change(made["id"], status="resolved")
    async with database.transaction() as db:
        assert project.id not in await projects_with_backlog(db)
        await count_backlog(db, project.id, clock.now())
    assert await counted(database, project) == []


async def test_who_sees_some_tickets_only_sees_no_count_and_no_error(desk, project, database, clock, bob):
    await desk.open()
    async with database.transaction() as db:
        await count_backlog(db, project.id, clock.now())
    listed = await bob.client.get(f"/api/projects/{project.id}/events/", params={"event": EVENT})
    assert listed.status_code == 200
    assert [one["event"] for one in listed.json()["results"]] == [EVENT]


async def test_a_visitor_cannot_forge_a_count(anonymous, project, database):
    sent = {
        "api_key": project.api_token,
        "event": EVENT,
        "distinct_id": "x",
        "properties": {"backlog_count": 9},
    }
    await anonymous.post("/i/v0/e/", json=sent)
    assert await counted(database, project) == []
