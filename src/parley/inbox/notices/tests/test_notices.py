"""What a browser is told of a new message."""

from datetime import timedelta

from sqlalchemy import update

from parley.conversations.tickets.tables import comment
from tests.plain_browser import PlainBrowser, window_of


async def notice_of(window: PlainBrowser, number: int = 1) -> dict[str, object] | None:
    answer = await window.client.get(f"/inbox/{number}/notice")
    if answer.status_code == 204:
        return None
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    found: dict[str, object] = answer.json()
    return found


async def test_a_new_message_is_told_until_it_is_read(window, customer):
    await customer.write("Where is\n\n my <b>fern</b>?" + " x" * 500, traits={"name": "Fiona"})
    told = await notice_of(window)
    assert told is not None
    assert (told["name"], told["number"], told["is_for_me"]) == ("Fiona", 1, True)
    text = str(told["text"])
    assert text.startswith("Where is my <b>fern</b>? x x")
    assert len(text) <= 140
    assert text.endswith("x…")
    await window.open("/inbox/1")
    assert await notice_of(window) is None
    assert await notice_of(window) is None


async def test_what_the_team_writes_and_what_is_old_is_not_told(window, customer, desk, services, project):
    received = await customer.write("Hello?")
    ticket = f"/api/projects/{project.id}/conversations/tickets/1/"
    assert (await desk.client.post(f"{ticket}notes/", json={"message": "Mine"})).status_code == 201
    assert await notice_of(window) is None
    await customer.write("Still there?", received.ticket_id)
    assert await notice_of(window) is not None
    async with services.database.transaction() as db:
        earlier = services.clock.now() - timedelta(minutes=3)
        await db.execute(update(comment).where(comment.c.project_id == project.id).values(created_at=earlier))
    assert await notice_of(window) is None


async def test_it_says_whether_somebody_else_takes_care(window, customer, cast, api, project):
    await customer.write("Hello?")
    ticket = f"/api/projects/{project.id}/conversations/tickets/1/"
    bob = {"id": cast.bob.user_id, "type": "user"}
    assert (await api.patch(ticket, json={"assignee": bob})).status_code == 200
    told, bobs = await notice_of(window), await notice_of(await window_of(cast, cast.bob))
    assert told is not None
    assert bobs is not None
    assert (told["is_for_me"], bobs["is_for_me"]) == (False, True)


async def test_a_ticket_of_a_role_is_for_those_who_have_it(window, customer, cast, api, project):
    await customer.write("Hello?")
    roles = f"/api/organizations/{project.organization_id}/roles/"
    made = (await api.post(roles, json={"name": "Billing"})).json()
    given = await api.post(
        f"{roles}{made['id']}/role_memberships/", json={"user_uuid": str(cast.bob.user_uuid)}
    )
    assert given.status_code == 201, given.text
    ticket = f"/api/projects/{project.id}/conversations/tickets/1/"
    answer = await api.patch(ticket, json={"assignee": {"id": made["id"], "type": "role"}})
    assert answer.status_code == 200, answer.text
    told, bobs = await notice_of(window), await notice_of(await window_of(cast, cast.bob))
    assert told is not None and bobs is not None
    assert (told["is_for_me"], bobs["is_for_me"]) == (False, True)


async def test_nobody_is_told_of_what_they_may_not_see(window, customer, cast, anonymous, project):
    await customer.write("A secret")
    mallory = await window_of(cast, cast.mallory)
    assert (await mallory.client.get("/inbox/1/notice")).status_code == 404
    assert (await window.client.get("/inbox/77/notice")).status_code == 404
    url = f"/api/projects/{project.id}/resource_access_controls/"
    answer = await cast.alice.client.put(url, json={"resource": "ticket", "access_level": "none"})
    assert answer.status_code == 200, answer.text
    bobs = await (await window_of(cast, cast.bob)).client.get("/inbox/1/notice")
    assert bobs.status_code in (403, 404)
    assert "secret" not in bobs.text
    assert (await anonymous.get("/inbox/1/notice")).status_code == 303
