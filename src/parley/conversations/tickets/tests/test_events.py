"""Events of conversations: one for each real change, in the same transaction, and none for what isn't one."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from parley.accounts.users.tables import user_account
from parley.conversations.snoozes.actions import wake_due
from parley.kernel.jobs import outbox
from parley.people.events.tables import event

PREFIX = "$conversation_"


@pytest.fixture
def happened(database, project):
    """Return the events of the project so far, oldest first, without the prefix of their names."""

    async def read():
        rows = select(event).where(event.c.project_id == project.id).order_by(event.c.id)
        async with database.transaction(write=False) as db:
            return [
                (row.event.removeprefix(PREFIX), row.distinct_id, row.properties)
                for row in await db.execute(rows)
            ]

    return read


@pytest.fixture
async def her_distinct_id(database, alice):
    async with database.transaction(write=False) as db:
        one = select(user_account.c.distinct_id).where(user_account.c.id == alice.user_id)
        return (await db.execute(one)).scalar_one()


def names(events):
    return [name for name, _, _ in events]


async def test_a_ticket_that_the_team_opens_is_told_of_with_all_that_is_known(
    desk, happened, her_distinct_id, alice, project
):
    made = await desk.open(
        message="Hello", priority="high", name="Ada", anonymous_traits={"email": "ada@example.com"}
    )
    created, received = await happened()
    assert created == (
        "ticket_created",
        her_distinct_id,
        {
            "ticket_id": made["id"],
            "ticket_number": 1,
            "channel_source": "widget",
            "channel_detail": "widget_api",
            "status": made["status"],
            "priority": "high",
            "customer_name": "Ada",
            "customer_email": "ada@example.com",
            "customer_distinct_id": "visitor",
            "actor_type": "user",
            "actor_id": str(alice.user_id),
            "actor_email": alice.email,
            "$groups": {"organization": str(project.organization_id)},
        },
    )
    assert received[0] == "message_received"
    assert received[2]["message_content"] == "Hello"


async def test_a_customer_is_heard_under_the_distinct_id_of_the_ticket(desk, customer, happened):
    first = await customer.write("x" * 1500)
    second = await customer.write("More", first.ticket_id)
    created, received, again = await happened()
    assert names((created, received, again)) == ["ticket_created", "message_received", "message_received"]
    assert {one[1] for one in (created, received, again)} == {"visitor"}
    assert received[2]["message_id"] == str(first.message_id)
    assert received[2]["message_content"] == "x" * 1000
    assert again[2]["message_id"] == str(second.message_id)
    assert again[2]["author_type"] == "customer"
    assert "actor_type" not in again[2]


async def test_changes_are_told_of_once_and_changes_that_are_none_are_not(
    desk, happened, alice, her_distinct_id
):
    made = await desk.open(status="new")
    somebody = {"type": "user", "id": alice.user_id}
    for _ in range(2):
        await desk.change(made["id"], status="open", priority="low", assignee=somebody)
    await desk.change(made["id"], assignee=None, tags=["vip"])
    await desk.change(made["id"], tags=["vip"])
    found = (await happened())[1:]
    assert names(found) == [
        "ticket_status_changed",
        "ticket_priority_changed",
        "ticket_assigned",
        "ticket_assigned",
    ]
    assert {one[1] for one in found} == {her_distinct_id}
    status, priority, assigned, nobody = (one[2] for one in found)
    assert (status["old_status"], status["new_status"], status["status"]) == ("new", "open", "open")
    assert (priority["old_priority"], priority["new_priority"]) == (None, "low")
    assert (assigned["assignee_type"], assigned["assignee_id"]) == ("user", str(alice.user_id))
    assert (nobody["assignee_type"], nobody["assignee_id"]) == (None, None)


async def test_a_reply_carries_the_facts_of_its_due_time(desk, clock, happened):
    made = await desk.open()
    await desk.say(made, "On it")
    due = clock.now() - timedelta(seconds=90)
    await desk.change(made["id"], sla_due_at=due.isoformat())
    await desk.say(made, "Sorry")
    await desk.say(made, "Sorry")  # the same, which is stored once
    free, late = [one[2] for one in await happened() if one[0] == "message_sent"]
    assert (free["message_content"], free["author_type"]) == ("On it", "team")
    assert (free["sla_due_at"], free["sla_active"], free["sla_breached"]) == (None, False, False)
    assert free["sla_delta_seconds"] is None
    assert (late["sla_active"], late["sla_breached"]) == (True, True)
    assert late["sla_delta_seconds"] <= -90


async def test_a_private_note_is_told_of_without_its_text(desk, happened):
    made = await desk.open()
    await desk.say(made, "Between us", is_private=True)
    name, _, properties = (await happened())[-1]
    assert name == "private_message_sent"
    assert "message_content" not in properties
    assert "Between us" not in str(properties)


async def test_many_tickets_moved_at_once_have_an_event_each(desk, happened):
    ids = [(await desk.open(status="new"))["id"] for _ in range(3)]
    await desk.change(ids[0], status="open")
    answer = await desk.client.post(f"{desk.tickets}bulk_update_status/", json={"ids": ids, "status": "open"})
    assert answer.json()["updated"] == 2
    moved = [one[2]["ticket_id"] for one in await happened() if one[0] == "ticket_status_changed"]
    assert moved == ids


async def test_a_ticket_that_wakes_is_told_of_under_its_own_distinct_id(
    desk, clock, services, database, happened
):
    made = await desk.open()
    await desk.change(made["id"], snoozed_until=(clock.now() + timedelta(hours=1)).isoformat())
    async with database.transaction() as db:
        # Other tests may have left some that are due.
        assert await wake_due(db, services, clock.now() + timedelta(hours=2)) >= 1
    name, distinct_id, properties = (await happened())[-1]
    assert (name, distinct_id) == ("ticket_status_changed", "visitor")
    assert (properties["old_status"], properties["new_status"]) == ("on_hold", "open")


async def test_the_external_api_causes_no_event(desk, anonymous, project, happened):
    made = await desk.open()
    answer = await anonymous.patch(
        f"/api/conversations/external/ticket/{made['id']}",
        json={"status": "resolved", "priority": "high"},
        headers={"Authorization": f"Bearer {project.secret_api_token}"},
    )
    assert answer.status_code == 200, answer.text
    assert names(await happened()) == ["ticket_created"]


async def test_what_is_rolled_back_leaves_no_event(desk, clock, services, database, happened):
    made = await desk.open()
    await desk.change(made["id"], snoozed_until=(clock.now() + timedelta(hours=1)).isoformat())
    before = await happened()
    with pytest.raises(ArithmeticError):
        async with database.transaction() as db:
            await wake_due(db, services, clock.now() + timedelta(hours=2))
            raise ArithmeticError
    assert await happened() == before
    assert (await desk.ticket(made["id"]))["status"] == "on_hold"


async def test_where_no_webhook_listens_nothing_is_queued(desk, database, project):
    await desk.open(message="Hello")
    async with database.transaction(write=False) as db:
        queued = select(outbox.c.name).where(outbox.c.project_id == project.id)
        assert (await db.execute(queued)).all() == []


async def test_the_first_answer_says_how_long_the_customer_waited(desk, customer, happened, alice):
    first = await customer.write("Help")
    ticket = {"id": str(first.ticket_id)}
    await desk.change(ticket["id"], tags=["vip", "billing"], assignee={"type": "user", "id": alice.user_id})
    await desk.say(ticket, "A note", is_private=True)
    await desk.say(ticket, "First", author_type="AI")
    await desk.say(ticket, "Second")
    await desk.say(ticket, "Third")
    of_assistant, answer, later = [one[2] for one in await happened() if one[0] == "message_sent"]
    assert 0 <= answer["first_response_seconds"] < 60
    assert "first_response_seconds" not in later and "first_response_seconds" not in of_assistant
    for one in (answer, later):
        assert (one["tags"], one["assignee_type"], one["assignee_id"]) == (
            "billing, vip",
            "user",
            str(alice.user_id),
        )
        assert one["actor_name"]


async def test_what_the_team_says_before_any_customer_is_no_answer(desk, happened):
    made = await desk.open()
    await desk.say(made, "You called?")
    assert "first_response_seconds" not in (await happened())[-1][2]


async def test_resolving_says_how_long_it_took_with_the_tags_of_then(desk, happened):
    one, other = await desk.open(tags=["a"]), await desk.open(tags=["b"])
    created = (await happened())[0]
    assert created[2]["tags"] == "a"
    await desk.change(one["id"], status="resolved", tags=["c", "b"])
    await desk.client.post(
        f"{desk.tickets}bulk_update_status/", json={"ids": [other["id"]], "status": "resolved"}
    )
    await desk.change(one["id"], status="open")
    changed = [one[2] for one in await happened() if one[0] == "ticket_status_changed"]
    assert [one["tags"] for one in changed] == ["b, c", "b", "b, c"]
    assert [one.get("resolution_seconds") is None for one in changed] == [False, False, True]
