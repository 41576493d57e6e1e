"""The list of tickets with filters, on both databases."""

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import event, update

from parley.conversations.ticket_list.queries import readers
from parley.conversations.ticket_list.rules.orders import ORDERS
from parley.conversations.ticket_list.tests.test_lists import (
    expected,
    followed,
    person_known,
    varied,
)
from parley.conversations.tickets.tables import ticket
from tests.cast import Member

VIEW_ERROR = {
    "type": "validation_error",
    "detail": "No saved ticket view matches this short_id.",
    "attr": "view",
}


async def set_columns(database, desk, number, **columns):
    """Set what only channels set, straight in the table."""
    mine = update(ticket).where(ticket.c.project_id == desk.project.id, ticket.c.number == number)
    async with database.transaction() as db:
        await db.execute(mine.values(columns))


@pytest.fixture
async def office(desk, database, clock, alice: Member, bob: Member):
    """Five tickets that differ in everything, the last one deleted."""
    now = clock.now()
    await desk.open(distinct_id="Visitor_1", priority="low", tags=["vip", "billing"])
    await desk.open(distinct_id="visitor%2", priority="critical", tags=["vip"], status="open")
    await desk.open(distinct_id="third", assignee={"type": "user", "id": alice.user_id}, status="open")
    await desk.open(distinct_id="fourth", assignee={"type": "user", "id": bob.user_id}, tags=["spam"])
    await desk.open(distinct_id="fifth", priority="low", tags=["vip"])
    await desk.change(1, sla_due_at=(now - timedelta(hours=1)).isoformat())
    await desk.change(2, sla_due_at=(now + timedelta(minutes=30)).isoformat())
    await desk.change(3, sla_due_at=(now + timedelta(hours=5)).isoformat())
    await desk.change(4, snoozed_until=(now + timedelta(days=1)).isoformat())
    await desk.delete(5)
    old = {"updated_at": now - timedelta(days=10)}
    await set_columns(database, desk, 2, channel_source="email", email_from="Ada@Example.com", **old)
    await set_columns(database, desk, 3, channel_detail="widget_embedded")
    return desk


CASES = [
    ("priority", "low", {1}), ("priority", "low,critical,x", {1, 2}), ("priority", "urgent", {1, 2, 3, 4}),
    ("channel_source", "email", {2}), ("channel_source", "fax", {1, 2, 3, 4}),
    ("channel_detail", "widget_embedded", {3}), ("channel_detail", "x", {1, 2, 3, 4}),
    ("assignee", "me", {3}), ("assignee", "UNASSIGNED", {1, 2}), ("assignee", "me,unassigned,x", {1, 2, 3}),
    ("assignee", "user:0", set()), ("assignee", "user:x", {1, 2, 3, 4}),
    ("assignee", "role:01a1fdb4-75be-74e3-9fe6-93fa4c1b1cf1", set()),
    ("date_from", "-7d", {1, 3, 4}), ("date_from", "-1mStart", {1, 2, 3, 4}), ("date_from", "all", {1, 2, 3, 4}),
    ("date_from", "soon", {1, 2, 3, 4}), ("date_to", "-7d", {2}), ("date_to", "2000-01-01", set()),
    ("date_to", "dEnd", {1, 2, 3, 4}), ("date_from", "0001-01-01", {1, 2, 3, 4}),
    ("distinct_ids", "third, fourth ,third", {3, 4}), ("distinct_ids", "thir", set()),
    ("distinct_ids", "\x00", set()), ("emails", "ADA@example.COM", {2}), ("emails", "a\x00,b", set()),
    ("distinct_id", "visitor", {1, 2}), ("distinct_id", "%", {2}), ("distinct_id", "_", {1}),
    ("distinct_id", "v" * 201, {1, 2, 3, 4}), ("distinct_id", "\x00", set()),
    ("sla", "breached", {1}), ("sla", "at-risk", {2}), ("sla", "on-track", {3}), ("sla", "late", {1, 2, 3, 4}),
    ("snoozed", "True", {4}), ("snoozed", "FALSE", {1, 2, 3}), ("snoozed", "maybe", {1, 2, 3, 4}),
    ("tags", '["VIP", "spam"]', {1, 2, 4}), ("tags", '["none"]', set()), ("tags", "vip", {1, 2, 3, 4}),
    ("tags", '["\\u0000"]', set()), ("tags_all", '["vip", "billing"]', {1}), ("tags_all", "{}", {1, 2, 3, 4}),
    ("tags_exclude", '["vip"]', {3, 4}), ("tags_exclude", "[", {1, 2, 3, 4}),
    ("ai_triage_result", "persisted", set()), ("ai_triage_result", "x", {1, 2, 3, 4}),
]  # fmt: skip


async def test_each_filter_shows_what_fits_and_counts_it(office):
    for name, text, numbers in CASES:
        page = await office.listed(**{name: text})
        found = {one["ticket_number"] for one in page["results"]}
        assert (found, page["count"]) == (numbers, len(numbers)), (name, text)


async def test_a_ticket_of_a_filtered_list_is_the_one_of_the_plain_list(desk, database):
    await person_known(database, desk.project.id, "visitor", email="ada@example.com", name="Ada")
    await desk.open(message="Hello", tags=["b", "a"], anonymous_traits={"plan": {"seats": 3}}, priority="low")
    assert (await desk.listed(priority="low"))["results"] == (await desk.listed())["results"]


async def test_filters_narrow_each_other(office):
    assert await office.numbers(status="open", priority="critical", tags='["vip"]') == [2]
    assert await office.numbers(tags='["vip"]', tags_all='["billing"]', tags_exclude='["spam"]') == [1]
    assert await office.numbers(status="new", assignee="me") == []
    assert set(await office.numbers(distinct_ids="third", emails="ada@example.com")) == {2, 3}


async def test_a_filtered_list_is_the_same_in_one_page_by_next_and_by_offset(desk):
    await varied(desk)
    tickets = (await desk.listed())["results"]
    for name, order in ORDERS.items():
        for status in ("", "open", "open,pending"):
            wanted = expected([one for one in tickets if not status or one["status"] in status], order)
            query = {"order_by": name, "status": status, "date_from": "-7d"}
            assert await desk.numbers(**query) == wanted
            assert await followed(desk, **query, limit=2) == wanted
            parts = [await desk.numbers(**query, limit=2, offset=offset) for offset in range(0, 8, 2)]
            assert [number for part in parts for number in part] == wanted


async def test_tickets_of_one_instant_are_sorted_by_number(desk, database, clock):
    for _ in range(5):
        await desk.open(priority="low")
    at = clock.now()
    for number in (2, 5, 1, 3, 4):
        await set_columns(database, desk, number, updated_at=at)
    assert await followed(desk, priority="low", limit=2) == [5, 4, 3, 2, 1]
    assert await followed(desk, priority="low", limit=2, order_by="updated_at") == [5, 4, 3, 2, 1]


async def test_the_count_is_exact_on_every_page(desk):
    for index in range(5):
        await desk.open(priority="low", status=("new", "open")[index % 2])
    for query in ({}, {"status": "new,open"}):
        for offset, limit in ((0, 2), (4, 2), (0, 5), (9, 2), (3, 100)):
            page = await desk.listed(priority="low", offset=offset, limit=limit, **query)
            assert page["count"] == 5
    await desk.change(1, priority="high")
    assert (await desk.listed(priority="low", limit=2))["count"] == 4


async def test_a_large_project_remembers_a_count_until_something_changes(desk, database, monkeypatch):
    monkeypatch.setattr(readers, "MANY", 1)
    for _ in range(3):
        await desk.open(priority="low")
    assert (await desk.listed(priority="low", limit=1))["count"] == 3
    await set_columns(database, desk, 1, priority="high")  # behind the back of everybody
    assert (await desk.listed(priority="low", limit=1))["count"] == 3
    assert (await desk.listed(priority="high,low", limit=1))["count"] == 3
    await desk.change(2, ai_resolved=True)
    assert (await desk.listed(priority="low", limit=1))["count"] == 2


async def test_each_change_in_a_large_project_is_counted_at_once(desk, customer, monkeypatch):
    monkeypatch.setattr(readers, "MANY", 1)
    ids = [(await desk.open(priority="low", tags=["a"], distinct_id="visitor"))["id"] for _ in range(4)]
    theirs = await customer.write("Hello")
    bulk = {"ids": ids[:2], "action": "add", "tags": ["b"]}

    async def post(path, body):
        assert (await desk.client.post(f"{desk.tickets}{path}/", json=body)).is_success

    steps = (
        (lambda: desk.change(1, priority="high"), {"priority": "low"}, 3),
        (lambda: desk.change(2, tags=[]), {"tags": '["a"]'}, 3),
        (lambda: desk.delete(3), {"distinct_ids": "visitor"}, 4),
        (lambda: post("3/restore", {}), {"distinct_ids": "visitor"}, 5),
        (lambda: post("bulk_update_tags", bulk), {"tags_exclude": '["b"]'}, 3),
        (lambda: post("bulk_update_status", {"ids": ids, "status": "open"}), {"status": "open", "snoozed": "false"}, 4),
        (lambda: customer.write("More"), {"channel_source": "widget"}, 6),
        (lambda: customer.write("Again", theirs.ticket_id), {"date_from": "-1d"}, 6),
    )  # fmt: skip
    for change, query, count in steps:
        await desk.listed(**query, limit=1)
        await change()
        assert (await desk.listed(**query, limit=1))["count"] == count, query


async def made_view(desk, **filters: Any) -> str:
    """Save a view and return how it is named."""
    url = f"/api/projects/{desk.project.id}/conversations/views/"
    answer = await desk.client.post(url, json={"name": "One", "filters": filters})
    short_id: str = answer.json()["short_id"]
    return short_id


async def test_a_view_filters_and_explicit_parameters_override_it(office):
    view = await made_view(
        office, status=["open"], priority=["critical"], tags=["vip"], sorting={"columnKey": "ticket_number", "order": 1}
    )  # fmt: skip
    for query, numbers in (
        ({}, [2]), ({"priority": "low"}, []), ({"priority": "low", "status": "new"}, [1]),
        ({"priority": "bogus"}, [2]), ({"tags": "[]", "status": "x", "priority": "low,critical"}, [2]),
        ({"tags_all": '["billing"]', "priority": "low", "status": "new"}, [1]), ({"assignee": "me"}, []),
    ):  # fmt: skip
        assert await office.numbers(view=view, **query) == numbers, query
    everything = {"priority": "low,critical", "status": "new,open,pending,on_hold,resolved", "view": view}
    assert await office.numbers(**everything) == [1, 2]
    assert await office.numbers(**everything, order_by="-ticket_number") == [2, 1]


async def test_a_view_says_me_of_whoever_looks(office, bob: Member):
    view = await made_view(office, assignee=["me"])
    assert await office.numbers(view=view) == [3]
    theirs = await bob.client.get(office.tickets, params={"view": view})
    assert [one["ticket_number"] for one in theirs.json()["results"]] == [4]


async def test_a_view_that_the_caller_does_not_see_is_refused(desk, bob: Member, mallory: Member):
    url = f"/api/projects/{desk.project.id}/conversations/views/"
    private = {"name": "Mine", "visibility": "private"}
    hidden = (await bob.client.post(url, json=private)).json()["short_id"]
    foreign = (
        await mallory.client.post(
            f"/api/projects/{mallory.project.id}/conversations/views/", json={"name": "x"}
        )
    ).json()["short_id"]
    gone = await made_view(desk)
    assert (await desk.client.delete(f"{url}{gone}/")).status_code == 204
    for view in (hidden, foreign, gone, "nothing", "\x00", "é", "x" * 500):
        answer = await desk.client.get(desk.tickets, params={"view": view})
        assert answer.status_code == 400
        assert answer.json().items() >= VIEW_ERROR.items()
    assert (await desk.listed(view=""))["count"] == 0


async def test_no_filter_shows_tickets_of_another_project(office, mallory: Member):
    theirs = mallory.project.tickets
    for name, text, _ in CASES:
        page = (await mallory.client.get(theirs, params={name: text})).json()
        assert (page["count"], page["results"]) == (0, [])


async def test_a_filtered_page_costs_a_bounded_number_of_statements(desk, database):
    for index in range(12):
        await desk.open(distinct_id=f"d{index}", tags=["vip", f"t{index}"])
    seen: list[str] = []
    listen = (database.engine.sync_engine, "before_cursor_execute", lambda *args: seen.append(args[2]))
    event.listen(*listen)
    counts = []
    for limit in (1, 11):
        seen.clear()
        await desk.numbers(limit=limit, tags='["vip"]', order_by="sla_due_at")
        counts.append(len(seen))
    event.remove(*listen)
    assert counts[0] > 0 and all(count <= 4 for count in counts)
    assert all(one == other for one, other in pairwise(counts))


async def test_tags_are_listed_by_name_once(desk, mallory: Member):
    assert (await desk.client.get(f"/api/projects/{desk.project.id}/tags/")).json() == []
    for tags in (["b", "a"], ["b"], ["ä", "c"]):
        await desk.open(tags=tags)
    assert (await desk.client.get(f"/api/projects/{desk.project.id}/tags/")).json() == ["a", "b", "c", "ä"]
    theirs = await mallory.client.get(f"/api/projects/{mallory.project.id}/tags/")
    assert theirs.json() == []


@pytest.mark.parametrize("query", [{}, {"status": "new"}, {"priority": "low"}])
async def test_a_count_is_exact_behind_a_cursor_though_tickets_have_arrived(desk, query):
    for _ in range(3):
        await desk.open(priority="low")
    first = await desk.listed(**query, limit=2)
    await desk.open(priority="low")
    last = (await desk.client.get(first["next"])).json()
    assert [one["ticket_number"] for one in last["results"]] == [1]
    assert (first["count"], last["count"]) == (3, 4)


@pytest.mark.parametrize(
    "query", [{"status": "new"}, {"priority": "low"}, {"priority": "low", "order_by": "sla_due_at"}]
)
async def test_a_list_that_shrinks_while_it_is_read_is_read_to_its_end(desk, query):
    for _ in range(8):
        await desk.open(priority="low")
    seen, page = [], await desk.listed(**query, limit=2)
    while True:
        for one in page["results"]:
            seen.append(one["ticket_number"])
            await desk.change(one["id"], status="resolved", priority="high")
        if page["next"] is None:
            break
        page = (await desk.client.get(page["next"])).json()
        assert page["results"] and page["count"] == 8 - len(seen)
    assert seen == [8, 7, 6, 5, 4, 3, 2, 1]
