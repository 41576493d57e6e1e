"""What members with levels hear: nothing of tickets that are hidden from them."""

import pytest

from parley.conversations.stream.tests.conftest import Ear
from parley.conversations.stream.tests.listener import caught_up, present_place


@pytest.fixture
def levels(api, project):
    """Set the level that members have on all tickets, or on one."""

    async def put(level: str | None, ticket: int | None = None) -> None:
        body: dict[str, str | None] = {"resource": "ticket", "access_level": level}
        path = f"/api/projects/{project.id}/resource_access_controls/"
        if ticket is not None:
            path = f"{project.tickets}{ticket}/access_controls/"
        answer = await api.put(path, json=body)
        assert answer.status_code == 200, answer.text

    return put


async def test_a_hidden_ticket_is_not_heard_of(desk, bob, project, levels, ear):
    await desk.open()
    await desk.open()
    await levels("none", ticket=1)
    his = Ear(bob.client, project)
    his.last_id = await present_place(bob.client, project.id)
    await ear.news()
    for number in (1, 2):
        await desk.client.post(f"{desk.tickets}{number}/reply/", json={"message": "Hello"})
        await desk.change(number, priority="high")
        await desk.delete(number)
    assert await his.names() == [("ticket.deleted", 2)]
    await desk.client.post(f"{desk.tickets}1/restore/")
    await desk.client.post(f"{desk.tickets}2/restore/")
    assert await his.names() == [("ticket.changed", 2)]
    assert {about[1] for about in await ear.names()} == {1, 2}


async def test_a_viewer_hears_everything_with_their_own_level(desk, bob, project, levels):
    await levels("viewer")
    his = Ear(bob.client, project)
    his.last_id = await present_place(bob.client, project.id)
    await desk.open()
    [event] = await his.news()
    assert event.data["ticket"]["user_access_level"] == "viewer"


async def test_who_sees_no_ticket_at_all_may_not_listen(desk, bob, project, levels):
    await desk.open()
    await levels("none")
    answer = await bob.client.get(f"/api/projects/{project.id}/conversations/stream")
    assert answer.status_code == 403
    assert answer.json()["detail"] == "You do not have viewer access to this resource."
    await levels("viewer", ticket=1)
    assert await (await caught_up(bob.client, project.id, None)).rest() == []
