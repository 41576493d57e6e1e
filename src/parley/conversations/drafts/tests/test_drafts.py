"""Drafts: each person's own on each ticket, kept until they are sent, and gone with their ticket."""

from typing import Any

import pytest
from sqlalchemy import select

from parley.conversations.drafts.tables import message_draft
from parley.conversations.tickets.actions.erasure import erase_ticket_rows
from tests.cast import Cast

RICH = {
    "type": "doc",
    "content": [
        {"type": "paragraph", "content": [{"type": "text", "text": "b", "marks": [{"type": "bold"}]}]}
    ],
}


@pytest.fixture
async def path(api, project):
    """The path of the draft on a new ticket."""
    made = await api.post(project.tickets, json={"distinct_id": "ada", "message": "Hello"})
    return f"{project.tickets}{made.json()['ticket_number']}/draft/"


async def test_a_draft_is_kept_replaced_and_dropped(api, path):
    assert (await api.get(path)).status_code == 404
    kept = await api.put(path, json={"message": "b", "rich_content": RICH, "is_private": True})
    assert kept.status_code == 200, kept.text
    assert (await api.get(path)).json() == kept.json()
    assert kept.json() | {"updated_at": 0} == {
        "message": "b", "rich_content": RICH, "is_private": True, "actions": None, "files": [], "updated_at": 0,
    }  # fmt: skip
    again = await api.put(path, json={"message": "more"})
    assert (again.json()["message"], again.json()["rich_content"], again.json()["is_private"]) == (
        "more",
        None,
        False,
    )
    for _ in range(2):
        assert (await api.delete(path)).status_code == 204
    assert (await api.get(path)).status_code == 404


async def test_what_is_to_be_set_waits_with_the_draft_and_sets_nothing_yet(api, path):
    actions = {"status": "resolved", "tags": ["B ", "a"], "priority": None}
    kept = await api.put(path, json={"message": "b", "actions": actions})
    assert kept.json()["actions"] == {"status": "resolved", "tags": ["a", "b"]}
    assert (await api.get(path)).json() == kept.json()
    assert (await api.get(path.removesuffix("draft/"))).json()["status"] == "new"
    assert (await api.put(path, json={"message": "b", "actions": {}})).json()["actions"] is None


async def test_no_draft_waits_for_a_stranger_or_sets_what_no_ticket_has(api, path, cast: Cast):
    stranger = {"assignee": {"type": "user", "id": cast.mallory.user_id}}
    refused: tuple[Any, ...] = (stranger, {"status": "closed"}, {"unknown": 1}, [])
    for actions in refused:
        assert (await api.put(path, json={"message": "b", "actions": actions})).status_code == 400
    assert (await api.get(path)).status_code == 404


async def test_nobody_sees_the_draft_of_somebody_else(api, path, cast: Cast):
    await api.put(path, json={"message": "mine"})
    assert (await cast.bob.client.get(path)).status_code == 404
    await cast.bob.client.put(path, json={"message": "Bob's"})
    await cast.bob.client.delete(path)
    assert (await api.get(path)).json()["message"] == "mine"
    for answer in (
        await cast.mallory.client.get(path),
        await cast.mallory.client.put(path, json={"message": "x"}),
        await cast.mallory.client.delete(path),
    ):
        assert answer.status_code in (403, 404)
    assert (await api.get(path)).json()["message"] == "mine"


@pytest.mark.parametrize(
    ("body", "attr"),
    [
        ({}, "message"),
        ({"message": " "}, "message"),
        ({"message": "x" * 50_001}, "message"),
        ({"message": "x", "rich_content": {"type": "x" * 100_000}}, "rich_content"),
        ({"message": "x", "rich_content": "x"}, "rich_content"),
        ({"message": "x", "is_private": "maybe"}, "is_private"),
    ],
)
async def test_what_is_no_draft_is_refused(api, path, body, attr):
    answer = await api.put(path, json=body)
    assert (answer.status_code, answer.json()["attr"]) == (400, attr)
    assert (await api.get(path)).status_code == 404


async def test_only_a_ticket_that_is_there_has_a_draft(api, project):
    for key in ("4711", "x"):
        path = f"{project.tickets}{key}/draft/"
        assert (await api.put(path, json={"message": "x"})).status_code == 404
        assert (await api.get(path)).status_code == (await api.delete(path)).status_code == 404


async def test_a_draft_goes_with_its_ticket(api, path, cast: Cast, services, project):
    await api.put(path, json={"message": "mine"})
    async with services.database.transaction() as db:
        mine = select(message_draft.c.ticket_id).where(message_draft.c.project_id == project.id)
        await erase_ticket_rows(db, project.id, [(await db.execute(mine)).scalar_one()])
        assert (await db.execute(mine)).all() == []
