"""The list of tickets: filters, orders, pages and counts."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from parley.conversations.ticket_list.rules.orders import ORDERS
from tests.cast import Member

FIELDS = {
    "id", "ticket_number", "channel_source", "channel_detail", "distinct_id", "status", "priority", "assignee",
    "anonymous_traits", "ai_resolved", "escalation_reason", "created_at", "updated_at", "message_count",
    "last_message_at", "last_message_text", "unread_team_count", "unread_customer_count", "session_id",
    "session_context", "sla_due_at", "snoozed_until", "slack_channel_id", "slack_thread_ts", "slack_team_id",
    "email_subject", "email_from", "email_to", "cc_participants", "github_repo", "github_issue_number", "person",
    "tags", "identity_verified", "ai_triage", "zendesk_ticket_id", "organization_id", "organization_id_source",
    "user_access_level", "merged_from", "merged_ticket_numbers",
}  # fmt: skip


async def test_an_empty_list_has_the_usual_envelope(desk):
    assert await desk.listed() == {"count": 0, "next": None, "previous": None, "results": []}


async def test_a_listed_ticket_is_whole(desk):
    opened = await desk.open(message="Hello", tags=["b", "a"])
    (listed,) = (await desk.listed())["results"]
    assert set(listed) == FIELDS
    assert listed == opened


async def test_what_changed_last_comes_first(desk):
    for _ in range(3):
        await desk.open()
    await desk.change(1, priority="high")
    assert await desk.numbers() == [1, 3, 2]


async def test_a_list_filters_by_status_and_counts_exactly(desk):
    for status in ("new", "open", "open", "resolved", "pending"):
        await desk.open(status=status)
    for query, count in (("open", 2), ("open, new ,bogus", 3), ("bogus", 5), ("", 5), ("on_hold", 0)):
        page = await desk.listed(status=query)
        assert (page["count"], len(page["results"])) == (count, count)
    both = await desk.listed(status="open,resolved", limit=2)
    assert ([ticket["ticket_number"] for ticket in both["results"]], both["count"]) == ([4, 3], 3)


async def varied(desk):
    """Open seven tickets that differ in each key of an order, some without SLA and snooze."""
    start = datetime(2030, 1, 1, tzinfo=UTC)
    for index in range(7):
        opened = await desk.open(status=("open", "pending")[index % 2])
        changes = {"status": opened["status"]}
        if index in (1, 2, 5):
            changes["sla_due_at"] = (start - timedelta(days=index % 5)).isoformat()
        if index in (0, 3, 4):
            changes["snoozed_until"] = (start + timedelta(days=index % 3)).isoformat()
        await desk.change(opened["ticket_number"], **changes)


def expected(tickets, order):
    """Sort the tickets in Python: those without the key last, ties by the highest number."""
    key = "ticket_number" if order.key == "number" else order.key
    having = [ticket for ticket in tickets if ticket[key] is not None]
    having.sort(key=lambda ticket: -ticket["ticket_number"])
    having.sort(key=lambda ticket: ticket[key], reverse=order.descending)
    without = [ticket for ticket in tickets if ticket[key] is None]
    without.sort(key=lambda ticket: -ticket["ticket_number"])
    return [ticket["ticket_number"] for ticket in having + without]


async def followed(desk, **query):
    """Read a list to its end through `next`."""
    page = await desk.listed(**query)
    found = [ticket["ticket_number"] for ticket in page["results"]]
    while page["next"]:
        page = (await desk.client.get(page["next"])).json()
        found += [ticket["ticket_number"] for ticket in page["results"]]
    return found


async def test_every_order_is_the_same_in_one_page_by_next_and_by_offset(desk):
    await varied(desk)
    tickets = (await desk.listed())["results"]
    for name, order in ORDERS.items():
        for status in ("", "open", "open,pending"):
            wanted = expected([one for one in tickets if not status or one["status"] in status], order)
            query = {"order_by": name, "status": status}
            assert await desk.numbers(**query) == wanted
            assert await followed(desk, **query, limit=2) == wanted
            parts = [await desk.numbers(**query, limit=2, offset=offset) for offset in range(0, 8, 2)]
            assert [number for part in parts for number in part] == wanted


async def test_tickets_without_a_due_time_come_last_in_both_directions(desk):
    await desk.open()
    for day in (2, 1):
        await desk.change((await desk.open())["id"], sla_due_at=f"2030-01-0{day}T00:00:00Z")
    assert await desk.numbers(order_by="sla_due_at") == [3, 2, 1]
    assert await desk.numbers(order_by="-sla_due_at") == [2, 3, 1]


async def test_pages_link_to_their_neighbours(desk):
    for _ in range(5):
        await desk.open()
    first = await desk.listed(limit=2, status="new")
    assert first["count"] == 5 and first["previous"] is None
    assert first["next"].startswith(
        f"http://parley.test{desk.tickets}?status=new&limit=2&offset=2&after_mark="
    )
    second = (await desk.client.get(first["next"])).json()
    assert [ticket["ticket_number"] for ticket in second["results"]] == [3, 2]
    assert second["previous"] == f"http://parley.test{desk.tickets}?status=new&limit=2"
    last = (await desk.client.get(second["next"])).json()
    assert ([ticket["ticket_number"] for ticket in last["results"]], last["next"]) == ([1], None)


async def test_a_page_by_cursor_repeats_nothing_when_tickets_arrive(desk):
    for _ in range(4):
        await desk.open()
    first = await desk.listed(limit=2)
    await desk.open()
    second = (await desk.client.get(first["next"])).json()
    assert [ticket["ticket_number"] for ticket in second["results"]] == [2, 1]


@pytest.mark.parametrize(
    "cursor",
    ["x", "%%%", "WyJudW1iZXIiLG51bGwsMV0", "WyJ1cGRhdGVkX2F0IixudWxsLDFd", "\u00e9", "A" * 500, "\x00"],
)
async def test_a_cursor_that_is_not_ours_is_ignored(desk, cursor):
    await desk.open()
    assert await desk.numbers(after_mark=cursor) == [1]


@pytest.mark.parametrize(("limit", "shown"), [("2", 2), ("0", 3), ("-1", 3), ("x", 3), ("999999999", 3)])
async def test_a_limit_that_makes_no_sense_takes_the_default(desk, limit, shown):
    for _ in range(3):
        await desk.open()
    assert len((await desk.listed(limit=limit))["results"]) == shown


async def test_an_offset_past_the_end_is_empty_with_the_right_count(desk):
    await desk.open()
    page = await desk.listed(offset=50)
    assert (page["count"], page["results"], page["next"]) == (1, [], None)
    for offset in (2**31 - 1, 2**31, 2**32):
        for order in ("updated_at", "sla_due_at"):
            assert (await desk.listed(offset=offset, order_by=order, status="new"))["results"] == []
        assert (
            await desk.client.get(f"{desk.tickets}1/messages/", params={"offset": offset})
        ).status_code == 200


async def test_a_person_is_found_by_the_distinct_id(desk, database):
    await person_known(database, desk.project.id, "visitor", "other", email="ada@example.com", name="Ada")
    await desk.open()
    await desk.open(distinct_id="stranger")
    stranger, known = (await desk.listed())["results"]
    assert stranger["person"] is None
    assert set(known["person"]) == {"id", "name", "distinct_ids", "properties", "created_at", "is_identified"}
    assert known["person"]["distinct_ids"] == ["visitor", "other"]
    assert known["person"]["name"] == "ada@example.com"
    assert known["person"]["properties"] == {"email": "ada@example.com", "name": "Ada"}


async def person_known(database, project_id, *distinct_ids, **properties):
    """Store a person straight in the tables."""
    from sqlalchemy import insert

    from parley.kernel.ids import new_uuid
    from parley.people.persons.tables import person, person_distinct_id

    id, now = new_uuid(), datetime.now(UTC)
    row = {"project_id": project_id, "id": id, "properties": properties, "email": properties.get("email")}
    async with database.transaction() as db:
        await db.execute(insert(person).values(**row, is_identified=True, created_at=now))
        for index, distinct_id in enumerate(distinct_ids):
            at = now + timedelta(seconds=index)
            own = {"project_id": project_id, "person_id": id, "distinct_id": distinct_id, "created_at": at}
            await db.execute(insert(person_distinct_id).values(own))
    return id


async def test_only_email_tickets_find_their_person_by_address(desk, database):
    from sqlalchemy import update

    from parley.conversations.tickets.tables import ticket

    await person_known(database, desk.project.id, "p1", email="ada@example.com")
    await desk.open(distinct_id="mail-1")
    await desk.open(distinct_id="mail-2")
    async with database.transaction() as db:
        mine = update(ticket).where(ticket.c.project_id == desk.project.id)
        await db.execute(mine.values(email_from="Ada@Example.com"))
        await db.execute(mine.where(ticket.c.number == 1).values(channel_source="email"))
    assert (await desk.ticket(1))["person"]["distinct_ids"] == ["p1"]
    assert (await desk.ticket(2))["person"] is None


async def test_lists_hold_nothing_of_other_projects(desk, mallory: Member, alice: Member):
    await desk.open()
    theirs = await mallory.client.get(mallory.project.tickets)
    assert theirs.json()["count"] == 0
    foreign = await mallory.client.get(alice.project.tickets)
    assert foreign.status_code == 403


async def test_both_prefixes_and_the_current_project_are_the_same_list(desk):
    await desk.open()
    for path in (f"/api/environments/{desk.project.id}", "/api/projects/@current"):
        answer = await desk.client.get(f"{path}/conversations/tickets")
        assert answer.json()["count"] == 1


async def test_a_page_costs_a_bounded_number_of_statements(desk, database, monkeypatch):
    for index in range(12):
        await desk.open(distinct_id=f"d{index}", tags=[f"t{index}"])
    read, seen = database.read, []

    async def counting(prepared, **values):
        seen.append(prepared)
        return await read(prepared, **values)

    monkeypatch.setattr(database, "read", counting)
    counts = []
    for limit in (1, 12):
        seen.clear()
        await desk.numbers(limit=limit)
        counts.append(len(seen))
    assert all(count <= 3 for count in counts) and all(one == other for one, other in pairwise(counts))
