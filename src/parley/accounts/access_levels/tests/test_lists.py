"""Lists, counts and logs hold what the caller sees, and nothing of the rest."""

import pytest
from sqlalchemy import update

from parley.accounts.authentication.queries import principal_by_key_hash
from parley.conversations.ticket_list.queries import readers
from parley.conversations.tickets.tables import ticket as ticket_table
from parley.inbox.ticket_rows.queries.counts import visible_counts
from parley.inbox.ticket_rows.queries.list_pages import InboxFilter, inbox_page
from parley.kernel.ids import token_hash
from tests.cast import Member
from tests.plain_browser import window_of

STATUSES = ("new", "open", "pending", "on_hold", "resolved")
MIXED = ("none", "viewer", None, "none", "manager", None)
ENDS = {
    "/",
    "?search=hello",
    "?status=new,open",
    "?order_by=sla_due_at",
    "?order_by=-created_at",
    "?status=new",
}


async def opened(desk, keeper, *levels, **fields):
    """Open a ticket for each level, which everybody then has on it; None sets none."""
    tickets = []
    for level in levels:
        ticket = await desk.open(message="Hello", **fields)
        if level is not None:
            await keeper.on(ticket, level)
        tickets.append(ticket)
    return tickets


def numbers(tickets):
    return [ticket["ticket_number"] for ticket in tickets]


@pytest.fixture(params=["but", "only"])
async def world(request, desk, keeper):
    """Six tickets; some are closed where the others are open, or open where the others are closed."""
    tickets = await opened(desk, keeper, *MIXED)
    if request.param == "only":
        await keeper.everywhere("none")
        return tickets, [tickets[1], tickets[4]]
    return tickets, [tickets[1], tickets[2], tickets[4], tickets[5]]


@pytest.mark.parametrize("end", sorted(ENDS))
async def test_a_list_holds_what_one_sees(world, bobs, desk, end):
    tickets, shown = world
    listed = (await bobs.client.get(bobs.tickets + end.removeprefix("/"))).json()
    assert sorted(numbers(listed["results"])) == numbers(shown)
    assert listed["count"] == len(shown)
    levels = {ticket["id"]: ticket["user_access_level"] for ticket in listed["results"]}
    assert levels == {
        ticket["id"]: level or "editor"
        for ticket, level in zip(tickets, MIXED, strict=True)
        if ticket in shown
    }
    assert (await desk.listed())["count"] == len(tickets)


async def test_pages_of_a_list_join_without_gaps(world, bobs):
    _, shown = world
    for order in ("ticket_number", "-updated_at", "snoozed_until"):
        seen, url = [], f"{bobs.tickets}?limit=1&order_by={order}"
        while url:
            page = (await bobs.client.get(url)).json()
            assert page["count"] == len(shown)
            seen += numbers(page["results"])
            url = page["next"]
        assert sorted(seen) == numbers(shown)
        beyond = (await bobs.client.get(f"{bobs.tickets}?offset=9&order_by={order}")).json()
        assert (beyond["count"], beyond["results"]) == (len(shown), [])


async def test_in_a_large_project_the_count_is_as_exact(world, bobs, monkeypatch):
    _, shown = world
    monkeypatch.setattr(readers, "MANY", 0)
    for query, count in (({}, len(shown)), ({"status": "new"}, len(shown)), ({"status": "open"}, 0)):
        assert (await bobs.listed(limit=1, **query))["count"] == count
    assert (await bobs.listed(limit=1, snoozed="false"))["count"] == len(shown)
    assert (await bobs.listed(limit=1, snoozed="true"))["count"] == 0


async def test_unread_messages_are_counted_on_what_one_sees_and_at_once(world, bobs, desk, keeper):
    tickets, shown = world
    assert (await desk.unread(), await bobs.unread()) == (len(tickets), len(shown))
    await keeper.on(shown[0], "none")
    assert await bobs.unread() == len(shown) - 1
    assert await desk.unread() == len(tickets)


async def test_tags_are_those_of_what_one_sees(desk, bobs, keeper):
    url = bobs.comments.replace("comments", "tags")
    hidden, shown = await opened(desk, keeper, "none", None)
    await desk.change(hidden["id"], tags=["secret", "both"])
    await desk.change(shown["id"], tags=["both", "open"])
    assert (await bobs.client.get(url)).json() == ["both", "open"]
    await keeper.everywhere("none")
    await keeper.on(shown, "viewer")
    assert (await bobs.client.get(url)).json() == ["both", "open"]
    assert (await desk.client.get(url)).json() == ["both", "open", "secret"]


async def test_comments_are_those_on_what_one_sees(world, bobs, desk):
    tickets, shown = world
    said = {ticket["id"]: (await desk.say(ticket, "Well"))["id"] for ticket in tickets}
    free = {"scope": "dashboard", "item_id": "7", "content": "On something else"}
    other = (await desk.client.post(desk.comments, json=free)).json()["id"]
    mine = {said[ticket["id"]] for ticket in shown}
    listed = (await bobs.client.get(bobs.comments)).json()["results"]
    ours = {one["id"] for one in listed if one["created_by"]}
    assert ours == {*mine, other}
    for query in ("?scope=conversations_ticket", "?search=well"):
        listed = (await bobs.client.get(bobs.comments + query)).json()["results"]
        assert {one["id"] for one in listed if one["created_by"]} == mine
    for ticket in tickets:
        query = f"?scope=conversations_ticket&item_id={ticket['id']}"
        found = (await bobs.client.get(bobs.comments + query)).json()["results"]
        assert bool(found) == (ticket in shown)
        one = await bobs.client.get(f"{bobs.comments}{said[ticket['id']]}/")
        assert one.status_code == (200 if ticket in shown else 404)


async def test_who_sees_no_ticket_still_sees_other_comments_and_entries(desk, bobs, keeper):
    ticket = await desk.open(message="Hello")
    free = {"scope": "dashboard", "item_id": "7", "content": "On something else"}
    other = (await desk.client.post(desk.comments, json=free)).json()["id"]
    await keeper.everywhere("none")
    listed = (await bobs.client.get(bobs.comments)).json()["results"]
    assert [one["id"] for one in listed] == [other]
    log = bobs.comments.replace("comments", "activity_log")
    assert (await bobs.client.get(log)).json()["count"] == 0
    assert (await desk.client.get(f"{log}?item_id={ticket['id']}")).json()["count"] == 1


async def test_the_log_tells_of_what_one_sees(world, bobs, desk):
    tickets, shown = world
    log = bobs.comments.replace("comments", "activity_log")
    whole = (await desk.client.get(f"{log}?scope=Ticket")).json()
    assert {entry["item_id"] for entry in whole["results"]} == {ticket["id"] for ticket in tickets}
    for query in ("", "?scope=Ticket"):
        answer = (await bobs.client.get(log + query)).json()
        assert {entry["item_id"] for entry in answer["results"]} == {ticket["id"] for ticket in shown}
        assert answer["count"] == len(answer["results"]) > 0
    for ticket in tickets:
        answer = (await bobs.client.get(f"{log}?scope=Ticket&item_id={ticket['id']}")).json()
        assert bool(answer["results"]) == bool(answer["count"]) == (ticket in shown)


async def test_the_inbox_holds_what_one_sees(world, cast, bob: Member):
    tickets, shown = world
    window = await window_of(cast, bob)
    await window.open("/inbox?status=all")
    rows = [int(row["data-number"]) for row in window.page.all("a", class_="row")]
    assert sorted(rows) == numbers(shown)
    for ticket in tickets:
        for part in ("", "/messages", "/details"):
            await window.open(f"/inbox/{ticket['ticket_number']}{part}")
            assert window.status == (200 if ticket in shown else 404)


async def test_the_inbox_counts_what_one_sees(world, database, app, bob, services, cast):
    _, shown = world
    actor = await actor_of(app, services, bob)
    counts = await visible_counts(database, actor)
    assert counts == {**dict.fromkeys(STATUSES, 0), "new": len(shown)}
    page = await inbox_page(services, actor, InboxFilter(statuses=("new", "open")), None)
    assert sorted(one.ticket_number for one in page.tickets) == numbers(shown)
    async with database.transaction() as db:
        await db.execute(
            update(ticket_table)
            .where(ticket_table.c.project_id == bob.project_id)
            .values(assignee_user_id=bob.user_id)
        )
    page = await inbox_page(services, actor, InboxFilter(who="mine"), None)
    assert sorted(one.ticket_number for one in page.tickets) == numbers(shown)


async def test_other_tickets_of_a_person_are_named_only_where_one_sees_them(world, cast, bob):
    _, shown = world
    window = await window_of(cast, bob)
    await window.open(f"/inbox/{shown[0]['ticket_number']}")
    links = {link["href"] for link in window.page.all("a") if link["href"].startswith("/inbox/")}
    named = {int(link.split("/")[2].split("?")[0]) for link in links if link.split("/")[2][:1].isdigit()}
    assert named - {shown[0]["ticket_number"]} == set(numbers(shown[1:]))


async def actor_of(app, services, member):
    use = await principal_by_key_hash(services.database, token_hash(member.key))
    assert use is not None
    return await app.app.state.authenticator.actor(use.principal, str(member.project_id))
