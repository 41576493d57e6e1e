"""What the activity log says of tickets."""

from datetime import timedelta

from parley.conversations.snoozes.actions import wake_due
from parley.conversations.tickets.tests.factories import Desk


async def history(desk: Desk, ticket):
    url = f"/api/projects/{desk.project.id}/activity_log/"
    page = (await desk.client.get(url, params={"scope": "Ticket", "item_id": ticket["id"]})).json()
    assert page["count"] == len(page["results"])
    return page["results"]


def changes(entry):
    assert all(change["type"] == "Ticket" for change in entry["detail"]["changes"])
    return [
        (change["action"], change["field"], change["before"], change["after"])
        for change in entry["detail"]["changes"]
    ]


async def test_opening_and_deleting_are_logged(desk, alice):
    ticket = await desk.open(tags=["a"], message="Hello?")
    await desk.delete(ticket["id"])
    entries = await history(desk, ticket)
    assert [entry["activity"] for entry in entries] == ["deleted", "created"]
    for entry in entries:
        assert entry["detail"] == {"name": "Ticket #1", "short_id": None, "changes": []}
        assert entry["user"]["email"] == alice.email and entry["item_id"] == ticket["id"]


async def test_all_changed_fields_are_one_entry(desk):
    ticket = await desk.open()
    until, due = "2031-01-01T08:00:00Z", "2031-01-02T08:00:00.500000Z"
    await desk.change(ticket["id"], priority="high", snoozed_until=until, sla_due_at=due, ai_resolved=True)
    latest, *rest = await history(desk, ticket)
    assert latest["activity"] == "updated" and len(rest) == 1
    assert sorted(changes(latest), key=lambda change: change[1]) == [
        ("changed", "priority", None, "high"),
        ("changed", "sla_due_at", None, due),
        ("changed", "snoozed_until", None, until),
        ("changed", "status", "new", "on_hold"),
    ]


async def test_an_assignee_has_an_entry_of_its_own(desk, alice, bob):
    ticket = await desk.open()
    mine, bobs = ({"type": "user", "id": one.user_id} for one in (alice, bob))
    await desk.change(ticket["id"], status="open", assignee=mine)
    await desk.change(ticket["id"], assignee=bobs)
    await desk.change(ticket["id"], assignee=None)
    entries = await history(desk, ticket)
    assert [entry["activity"] for entry in entries] == [*["assigned"] * 3, "updated", "created"]
    logged = [changes(entry) for entry in entries[:3]]
    assert logged == [
        [("changed", "assignee", bobs, None)],
        [("changed", "assignee", mine, bobs)],
        [("changed", "assignee", None, mine)],
    ]


async def test_each_tag_has_an_entry(desk):
    ticket = await desk.open(tags=["old", "stays"])
    await desk.change(ticket["id"], tags=["stays", "New", "also"])
    entries = [entry for entry in await history(desk, ticket) if entry["activity"] == "updated"]
    assert sorted(changes(entry)[0] for entry in entries if "old" not in str(entry)) == [
        ("created", "tag", None, "also"),
        ("created", "tag", None, "new"),
    ]
    assert [changes(entry) for entry in entries if "old" in str(entry)] == [[("deleted", "tag", "old", None)]]
    assert len(entries) == 3


async def test_what_changes_nothing_is_not_logged(desk, alice):
    mine = {"type": "user", "id": alice.user_id}
    ticket = await desk.open(tags=["a"], assignee=mine)
    await desk.change(ticket["id"], status="new", priority=None, tags=["A "], assignee=mine)
    assert [entry["activity"] for entry in await history(desk, ticket)] == ["created"]
    await desk.client.patch(f"{desk.tickets}{ticket['id']}/", json={"status": "open", "assignee": 7})
    assert [entry["activity"] for entry in await history(desk, ticket)] == ["created"]


async def test_waking_is_logged_as_the_systems_doing(desk, services, clock):
    ticket = await desk.open()
    now = clock.now()
    await desk.change(ticket["id"], snoozed_until=(now + timedelta(hours=1)).isoformat())
    for _ in range(2):
        async with services.database.transaction() as db:
            await wake_due(db, services, now + timedelta(hours=2))
    latest, *rest = await history(desk, ticket)
    assert latest["user"] is None and latest["activity"] == "updated" and len(rest) == 2
    (status, snooze) = changes(latest)
    assert status == ("changed", "status", "on_hold", "open")
    assert snooze[:2] == ("changed", "snoozed_until") and snooze[3] is None


async def test_a_ticket_that_a_customer_opens_is_logged_without_a_user(customer, desk):
    opened = await customer.write("Hello?")
    await customer.write("Anybody there?", opened.ticket_id)
    [entry] = await history(desk, {"id": str(opened.ticket_id)})
    assert (entry["activity"], entry["user"], changes(entry)) == ("created", None, [])


async def test_a_message_that_reopens_a_ticket_is_logged(customer, desk, alice):
    opened = await customer.write("Hello?")
    for write, writer in (
        (customer.write("Still broken", opened.ticket_id), None),
        (desk.say({"id": str(opened.ticket_id)}, "He phoned", author_type="customer"), alice.email),
    ):
        await desk.change(1, status="resolved")
        await write
        entry = (await history(desk, {"id": str(opened.ticket_id)}))[0]
        assert changes(entry) == [("changed", "status", "resolved", "open")]
        assert (entry["user"] or {}).get("email") == writer
