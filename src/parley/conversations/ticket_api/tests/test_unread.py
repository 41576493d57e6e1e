"""A ticket that was read is marked as unread for the whole team."""

import pytest

from tests.cast import Cast


async def mark_unread(client, desk, key):
    return await client.post(f"{desk.tickets}{key}/mark_unread/")


@pytest.mark.parametrize("by", ["id", "ticket_number"])
async def test_a_ticket_is_unread_again_until_somebody_opens_it(desk, by):
    opened = await desk.open(message="Hello")
    read = await desk.ticket(1)
    assert await desk.unread() == 0
    answer = await mark_unread(desk.client, desk, opened[by])
    assert (answer.status_code, answer.json()) == (200, {**read, "unread_team_count": 1})
    assert (await desk.listed())["results"] == [answer.json()], "it keeps its place in the list"
    assert await desk.unread() == 1
    assert (await desk.ticket(1))["unread_team_count"] == await desk.unread() == 0


async def test_what_is_unread_already_stays_as_it_is(desk):
    opened = await desk.open(message="Hello")
    for _ in range(2):
        answer = await mark_unread(desk.client, desk, 1)
        assert (answer.status_code, answer.json()) == (200, opened)
    assert await desk.unread() == 1


async def test_a_ticket_without_a_word_of_the_customer_can_be_unread(desk):
    await desk.open()
    assert (await mark_unread(desk.client, desk, 1)).json()["unread_team_count"] == 1
    assert await desk.unread() == 1


async def test_who_may_only_read_a_ticket_marks_nothing(desk, cast: Cast):
    opened = await desk.open(message="Hello")
    await desk.ticket(1)
    level = {"access_level": "viewer"}
    answer = await desk.client.put(f"{desk.tickets}{opened['id']}/access_controls/", json=level)
    assert answer.status_code == 200
    assert (await mark_unread(cast.bob.client, desk, 1)).status_code == 403
    assert await desk.unread() == 0


@pytest.mark.parametrize("key", ["2", "x", "01a1fdb4-75be-74e3-9fe6-93fa4c1b1cf1"])
async def test_what_names_no_ticket_is_not_found(desk, key):
    await desk.open()
    assert (await mark_unread(desk.client, desk, key)).status_code == 404
