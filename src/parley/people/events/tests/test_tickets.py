"""Events about tickets: who reads them, and that nobody else makes them."""

import msgspec
import pytest
from sqlalchemy import insert

from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.ids import new_uuid
from parley.people.events.rules.events import RESERVED
from parley.people.events.tables import event
from tests.cast import Cast


@pytest.fixture
async def world(cast: Cast, alice, project, anonymous):
    """Return a desk with two tickets, and one event that is about none."""
    desk = Desk(alice, project)
    for number in (1, 2):
        await desk.open(message=f"Secret {number}")
        await desk.client.post(f"{desk.tickets}{number}/reply/", json={"message": f"Answer {number}"})
    seen = {"event": "seen", "distinct_id": "visitor", "properties": {"ticket_id": "none"}}
    assert (await anonymous.post("/e/", json={"api_key": project.api_token, **seen})).status_code == 200
    return desk


async def events_of(client, desk, **query):
    answer = await client.get(f"/api/projects/{desk.project.id}/events/", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


def texts_of(events):
    """Return the texts of messages among events."""
    return {text for one in events if (text := one["properties"].get("message_content"))}


async def set_level(desk, level, ticket=None):
    body = {"resource": "ticket", "access_level": level}
    path = f"/api/projects/{desk.project.id}/resource_access_controls/"
    if ticket is not None:
        path = f"{desk.tickets}{ticket}/access_controls/"
    assert (await desk.client.put(path, json=body)).status_code == 200


EVERYTHING = {"Secret 1", "Answer 1", "Secret 2", "Answer 2"}


async def test_words_of_tickets_take_the_scope_of_tickets(world, cast, alice):
    reader = await cast.make_key(alice, ["event:read", "ticket:read"])
    whole = await events_of(reader, world)
    assert texts_of(whole) == EVERYTHING
    narrow = await cast.make_key(alice, ["event:read", "person:read"])
    assert [one["event"] for one in await events_of(narrow, world)] == ["seen"]
    for name in {one["event"] for one in whole} - {"seen"}:
        assert await events_of(narrow, world, event=name) == []
    for one in whole:
        path = f"/api/projects/{world.project.id}/events/{one['id']}/"
        assert (await narrow.get(path)).status_code == (200 if one["event"] == "seen" else 404)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([("none", None)], set()),
        ([("none", 1)], {"Secret 2", "Answer 2"}),
        ([("none", None), ("viewer", 2)], {"Secret 2", "Answer 2"}),
        ([("viewer", None)], EVERYTHING),
    ],
)
async def test_a_member_reads_the_events_of_tickets_that_they_see(world, bob, levels, expected):
    for level, ticket in levels:
        await set_level(world, level, ticket)
    found = await events_of(bob.client, world)
    assert texts_of(found) == expected
    assert "seen" in {one["event"] for one in found}
    for one in await events_of(world.client, world):
        answer = await bob.client.get(f"/api/projects/{world.project.id}/events/{one['id']}/")
        assert answer.status_code == (200 if one in found else 404)


async def test_an_event_that_names_no_ticket_breaks_no_list(world, bob, database, project, clock):
    # From before such names were refused to capture.
    about = {
        "project_id": project.id,
        "distinct_id": "visitor",
        "timestamp": clock.now(),
        "created_at": clock.now(),
    }
    async with database.transaction() as db:
        for ticket_id in ("x" * 36, "", None, 5, {"a": 1}):
            row = {"id": new_uuid(), "event": f"{RESERVED}x", "properties": {"ticket_id": ticket_id}}
            await db.execute(insert(event).values(**about, **row))
    await set_level(world, "none", 1)
    assert texts_of(await events_of(bob.client, world)) == {"Secret 2", "Answer 2"}


@pytest.mark.parametrize(
    "name",
    [
        "$conversation_message_sent",
        "$conversation_x",
        " $conversation_x",
        "$CONVERSATION_x",
        "$conversation_\x00x",
    ],
)
async def test_names_of_events_about_tickets_are_refused_to_capture(world, anonymous, project, name):
    before = await events_of(world.client, world)
    forged = {"event": name, "distinct_id": "visitor", "properties": {"ticket_id": str(new_uuid())}}
    for body in (
        {"api_key": project.api_token, **forged},
        {"api_key": project.api_token, "batch": [{"event": "seen", "distinct_id": "v"}, forged]},
    ):
        answer = await anonymous.post("/batch/", content=msgspec.json.encode(body))
        assert answer.status_code == 400 and "reserved" in answer.text
    assert await events_of(world.client, world) == before


async def test_events_of_the_widget_itself_are_taken(world, anonymous, project):
    own = {"event": "$conversations_loaded", "distinct_id": "visitor"}
    assert (await anonymous.post("/e/", json={"api_key": project.api_token, **own})).status_code == 200
    assert "$conversations_loaded" in {one["event"] for one in await events_of(world.client, world)}
