"""Tickets that the team opens through the API."""

import asyncio

import pytest

from parley.conversations.ticket_list.tests.test_lists import person_known

WHOLE = {
    "status": "pending", "priority": "high", "anonymous_traits": {"name": "Given", "plan": "pro"},
    "ai_resolved": True, "escalation_reason": "asked for a human", "distinct_id": "d-1", "email": "Ada@Example.com",
    "name": "Ada", "subject": "Help", "message": "  Where is my order?  ", "tags": ["VIP ", "vip", "a"],
    "session_id": "s-1", "session_context": {"current_url": "https://example.com"},
}  # fmt: skip


async def test_a_ticket_can_be_opened_with_everything_at_once(desk, alice):
    opened = await desk.open(**WHOLE, assignee={"type": "user", "id": alice.user_id})
    wanted = {
        "ticket_number": 1, "status": "pending", "priority": "high", "ai_resolved": True, "distinct_id": "d-1",
        "anonymous_traits": {"name": "Given", "email": "ada@example.com", "plan": "pro"},
        "escalation_reason": "asked for a human", "email_subject": "Help", "tags": ["a", "vip"], "session_id": "s-1",
        "session_context": {"current_url": "https://example.com"}, "channel_source": "widget",
        "channel_detail": "widget_api", "message_count": 1, "last_message_text": "Where is my order?",
        "unread_team_count": 1, "unread_customer_count": 0, "identity_verified": None, "email_from": None,
    }  # fmt: skip
    assert {name: opened[name] for name in wanted} == wanted
    assert opened["assignee"]["user"] == {"email": alice.email}
    assert opened["last_message_at"] == opened["created_at"] == opened["updated_at"]
    (message,) = (await desk.client.get(f"{desk.tickets}1/messages/")).json()["results"]
    assert (message["author_type"], message["content"]) == ("customer", "Where is my order?")
    assert (message["author_name"], message["author_email"]) == ("Given", "ada@example.com")


async def test_a_ticket_without_words_is_new_and_has_no_messages(desk):
    opened = await desk.open()
    assert (opened["status"], opened["message_count"], opened["last_message_at"]) == ("new", 0, None)
    assert (opened["unread_team_count"], opened["tags"], await desk.unread()) == (0, [], 0)


async def test_an_address_finds_the_person_or_stands_for_itself(desk, database):
    await person_known(database, desk.project.id, "p-1", "p-2", email="ada@example.com")
    known = await desk.client.post(desk.tickets, json={"email": " ADA@example.com "})
    assert (known.json()["distinct_id"], known.json()["person"]["distinct_ids"]) == ("p-1", ["p-1", "p-2"])
    unknown = await desk.client.post(desk.tickets, json={"email": "bo@example.com", "distinct_id": " "})
    assert (unknown.json()["distinct_id"], unknown.json()["person"]) == ("bo@example.com", None)


@pytest.mark.parametrize(
    ("fields", "attr", "code"),
    [
        ({}, "distinct_id", "required"),
        ({"distinct_id": "  "}, "distinct_id", "required"),
        ({"distinct_id": None, "email": ""}, "distinct_id", "required"),
        ({"distinct_id": "x" * 401}, "distinct_id", "max_length"),
        ({"email": "nobody"}, "email", "invalid_input"),
        ({"distinct_id": "d", "message": "x" * 10_001}, "message", "max_length"),
        ({"distinct_id": "d", "message": " "}, "message", "blank"),
        ({"distinct_id": "d", "subject": "x" * 501}, "subject", "max_length"),
        ({"distinct_id": "d", "session_id": "x" * 65}, "session_id", "max_length"),
        ({"distinct_id": "d", "session_context": "x"}, "session_context", "invalid_input"),
        ({"distinct_id": "d", "status": "closed"}, "status", "invalid_choice"),
        ({"distinct_id": "d", "email_config_id": "x"}, "email_config_id", "invalid_input"),
        ({"distinct_id": "d", "assignee": 5}, "assignee", "invalid_input"),
        ({"distinct_id": "a\x00b"}, "distinct_id", "null_characters_not_allowed"),
        (
            {"distinct_id": "d", "anonymous_traits": {"a": {"b\x00": 1}}},
            "anonymous_traits",
            "null_characters_not_allowed",
        ),
    ],
)
async def test_a_ticket_that_breaks_a_rule_is_refused_and_takes_no_number(desk, fields, attr, code):
    answer = await desk.client.post(desk.tickets, json=fields)
    assert (answer.status_code, answer.json()["attr"], answer.json()["code"]) == (400, attr, code)
    assert (await desk.open())["ticket_number"] == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"distinct_id": "\\ud800"}', 400),
        (b'{"distinct_id": "\xff"}', 400),
        (b'{"distinct_id": "d", "anonymous_traits": ' + b'{"a":' * 3000 + b"1" + b"}" * 3001, 400),
        (b'{"distinct_id": "d", "anonymous_traits": {"n": 1e999}}', 400),
        (b"[]", 400),
        (b"{", 400),
        (b'{"distinct_id": "d", "anonymous_traits": {"n": 123456789012345678901234567890}}', 201),
        (b'{"distinct_id": "\xf0\x9f\xa6\x94", "message": "\xf0\x9f\xa6\x94"}', 201),
    ],
)
async def test_hostile_json_is_refused_or_stored_whole(desk, body, status):
    answer = await desk.client.post(desk.tickets, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == status, answer.text
    listed = await desk.listed()
    assert listed["results"] == ([answer.json()] if status == 201 else [])


async def test_a_form_can_open_a_ticket(desk):
    answer = await desk.client.post(
        desk.tickets, data={"email": "ada@example.com", "tags": '["a"]', "message": "Hi"}
    )
    assert (answer.status_code, answer.json()["tags"], answer.json()["message_count"]) == (201, ["a"], 1)


async def test_fifty_tickets_opened_at_once_get_numbers_without_gaps(desk, database, services):
    answers = await asyncio.gather(*(desk.open(distinct_id=f"d{index}", message="Hi") for index in range(50)))
    assert sorted(ticket["ticket_number"] for ticket in answers) == list(range(1, 51))
    assert (await desk.listed())["count"] == 50 and await desk.unread() == 50


async def test_a_refused_ticket_leaves_no_gap_between_parallel_ones(desk):
    async def maybe(index):
        bad = {"assignee": {"type": "user", "id": 2**31 - 1}} if index % 3 == 0 else {}
        await desk.client.post(desk.tickets, json={"distinct_id": "d", **bad})

    await asyncio.gather(*(maybe(index) for index in range(30)))
    assert await desk.numbers(order_by="ticket_number") == list(range(1, 21))


async def test_each_project_numbers_its_own_tickets(desk, mallory):
    await desk.open()
    theirs = await mallory.client.post(mallory.project.tickets, json={"distinct_id": "d"})
    assert theirs.json()["ticket_number"] == 1


async def test_parallel_changes_leave_exact_counts(desk):
    for _ in range(6):
        await desk.open()

    async def stir(index):
        for status in ("open", "resolved", "new", "pending"):
            await desk.client.patch(f"{desk.tickets}{1 + index % 6}/", json={"status": status})
        if index == 5:
            await desk.client.delete(f"{desk.tickets}6/")
        await desk.open(status="on_hold")

    await asyncio.gather(*(stir(index) for index in range(12)))
    for status in ("new", "open", "pending", "on_hold", "resolved"):
        page = await desk.listed(status=status)
        assert page["count"] == len(page["results"])
    assert (await desk.listed())["count"] == 17


async def test_open_pages_hear_of_a_new_ticket(desk, services):
    async with services.live.subscription(f"project:{desk.project.id}") as notices:
        opened = await desk.open(message="Hello")
        notice = notices.get_nowait()
    assert (notice.name, notice.data) == ("ticket.opened", {"ticket_id": opened["id"], "number": 1})
