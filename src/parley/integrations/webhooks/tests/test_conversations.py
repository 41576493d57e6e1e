"""From a conversation to the webhook: what the team and the customers do arrives signed."""

import pytest
from sqlalchemy import select
from standardwebhooks import Webhook

from parley.accounts.projects.tables import project as project_table
from parley.kernel.jobs import outbox
from tests.cast import WEBHOOK_SECRET
from tests.receiver import answers


@pytest.fixture
def listens(database, project):
    """Say whether the project knows of a webhook that is switched on."""

    async def read():
        async with database.transaction(write=False) as db:
            one = select(project_table.c.has_webhooks).where(project_table.c.id == project.id)
            return (await db.execute(one)).scalar_one()

    return read


async def test_a_ticket_that_opens_arrives_signed(add, api, project, queue, receiver):
    await add(events=["$conversation_ticket_created", "$conversation_ticket_status_changed"])
    made = await api.post(project.tickets, json={"distinct_id": "ada", "message": "Hello", "status": "new"})
    moved = await api.post(
        f"{project.tickets}bulk_update_status/", json={"ids": [made.json()["id"]], "status": "open"}
    )
    assert moved.json()["updated"] == 1
    await queue.drain()
    heard = {}
    for message in receiver.received:
        body = Webhook(WEBHOOK_SECRET).verify(message.body, message.headers)
        heard[body["type"]] = body["data"]
    assert set(heard) == {"$conversation_ticket_created", "$conversation_ticket_status_changed"}
    created = heard["$conversation_ticket_created"]
    assert created["project_id"] == project.id
    assert created["properties"]["ticket_id"] == made.json()["id"]
    assert created["properties"]["customer_distinct_id"] == "ada"
    stored = (await api.get(f"/api/projects/{project.id}/events/{created['id']}/")).json()
    assert stored["properties"] == created["properties"]
    assert stored["distinct_id"] == created["distinct_id"]


async def test_a_project_knows_whether_a_webhook_of_its_listens(add, api, path, listens):
    assert not await listens()
    first, second = await add(), await add(enabled=False)
    assert await listens()
    await api.patch(f"{path}{first['id']}/", json={"enabled": False})
    assert not await listens()
    await api.patch(f"{path}{second['id']}/", json={"enabled": True})
    assert await listens()
    await api.delete(f"{path}{second['id']}/")
    assert not await listens()


async def test_once_the_last_webhook_is_gone_nothing_is_queued(
    add, api, happen, project, queue, receiver, listens, database
):
    await add()
    receiver.respond = answers(410)
    await happen()
    await queue.drain()
    assert not await listens()
    await api.post(project.tickets, json={"distinct_id": "ada"})
    async with database.transaction(write=False) as db:
        waiting = select(outbox.c.id).where(outbox.c.project_id == project.id)
        assert (await db.execute(waiting)).all() == []
