"""A visitor sends, the team answers, the visitor reads."""

from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from parley.conversations.widget.tests.visitor import PREFIX, Browser, reply


async def test_a_first_message_opens_a_ticket(browser: Browser, api, project):
    answer = await browser.send("  Hello?  ", traits={"name": "Ada", "age": 5, "vip": True, "email": None})
    assert answer.status_code == 200
    body = answer.json()
    assert set(body) == {"ticket_id", "message_id", "ticket_status", "unread_count", "created_at"}
    assert (body["ticket_status"], body["unread_count"]) == ("new", 0)
    assert UUID(body["message_id"]) and datetime.fromisoformat(body["created_at"]).tzinfo
    ticket = (await api.get(f"{project.tickets}{body['ticket_id']}/")).json()
    assert ticket["anonymous_traits"] == {"name": "Ada", "age": "5", "vip": "True", "email": None}
    assert (ticket["status"], ticket["channel_source"]) == ("new", "widget")
    assert ticket["channel_detail"] == "widget_embedded"
    assert ticket["identity_verified"] is False
    assert ticket["distinct_id"] == browser.distinct_id
    assert (ticket["message_count"], ticket["last_message_text"]) == (1, "Hello?")


async def test_a_message_without_a_ticket_always_opens_another_one(browser: Browser):
    first, second = await browser.opened("One"), await browser.opened("Two")
    assert first != second
    assert await browser.ticket_ids() == [second, first]


async def test_a_message_goes_on_a_ticket_of_the_visitor(browser: Browser, api, project):
    ticket_id = await browser.opened("One", traits={"name": "Ada"}, session_context={"page": "a"})
    more = {"traits": {"plan": "pro"}, "session_id": "s2", "session_context": {"lang": "en"}}
    answer = await browser.send("Two", ticket_id=ticket_id, **more, distinct_id="another")
    assert (answer.status_code, answer.json()["ticket_id"]) == (200, ticket_id)
    ticket = (await api.get(f"{project.tickets}{ticket_id}/")).json()
    assert ticket["anonymous_traits"] == {"name": "Ada", "plan": "pro"}
    assert (ticket["session_id"], ticket["session_context"]) == ("s2", {"page": "a", "lang": "en"})
    assert ticket["distinct_id"] == browser.distinct_id
    assert await browser.texts(ticket_id) == ["One", "Two"]


async def test_the_team_answers_under_its_first_name(browser: Browser, api, project):
    ticket_id = await browser.opened("Hello?", traits={"name": "Ada"})
    await reply(api, project, ticket_id, "Hi Ada!")
    thread = (await browser.thread(ticket_id)).json()
    assert (thread["ticket_id"], thread["unread_count"], thread["has_more"]) == (ticket_id, 1, False)
    question, answer = thread["messages"]
    fields = {"id", "content", "rich_content", "author_type", "author_name", "created_at", "attachments"}
    assert set(answer) == fields
    assert (question["author_type"], question["author_name"]) == ("customer", "Ada")
    assert (answer["author_type"], answer["author_name"], answer["content"]) == (
        "support",
        "Alice",
        "Hi Ada!",
    )


async def test_private_notes_and_deleted_messages_never_arrive(browser: Browser, api, project):
    ticket_id = await browser.opened()
    await reply(api, project, ticket_id, "A secret note", is_private=True)
    taken_back = await reply(api, project, ticket_id, "Oops")
    await api.patch(f"/api/projects/{project.id}/comments/{taken_back}/", json={"deleted": True})
    answer = await browser.thread(ticket_id)
    assert [message["content"] for message in answer.json()["messages"]] == ["Hello?"]
    assert "secret" not in answer.text and "is_private" not in answer.text
    assert "secret" not in (await browser.tickets()).text


async def test_only_what_is_newer_than_the_last_message_comes_again(browser: Browser, api, project):
    ticket_id = await browser.opened()
    last = (await browser.thread(ticket_id)).json()["messages"][-1]["created_at"]
    assert (await browser.thread(ticket_id, after=last, _="1")).json()["messages"] == []
    await reply(api, project, ticket_id, "Hi!")
    newer = (await browser.thread(ticket_id, after=last, limit=50)).json()["messages"]
    assert [message["content"] for message in newer] == ["Hi!"]


async def test_a_full_page_says_that_there_is_more(browser: Browser):
    ticket_id = await browser.opened("1")
    for text in ("2", "3"):
        await browser.send(text, ticket_id=ticket_id)
    page = (await browser.thread(ticket_id, limit=2)).json()
    assert ([message["content"] for message in page["messages"]], page["has_more"]) == (["1", "2"], True)
    rest = (await browser.thread(ticket_id, limit=2, after=page["messages"][-1]["created_at"])).json()
    assert ([message["content"] for message in rest["messages"]], rest["has_more"]) == (["3"], False)


async def test_reading_is_said_and_not_guessed(browser: Browser, api, project):
    ticket_id = await browser.opened()
    await reply(api, project, ticket_id, "Hi!")
    await browser.thread(ticket_id)
    assert (await browser.tickets()).json()["results"][0]["unread_count"] == 1
    for _ in range(2):
        answer = await browser.read(ticket_id)
        assert (answer.status_code, answer.json()) == (200, {"success": True, "unread_count": 0})
    assert (await browser.tickets()).json()["results"][0]["unread_count"] == 0
    assert (await api.get(f"{project.tickets}{ticket_id}/")).json()["unread_customer_count"] == 0


async def test_the_list_shows_what_the_widget_draws(browser: Browser, api, project):
    ticket_id = await browser.opened("Hello?")
    body = (await browser.tickets(limit=20, offset=0, _="1769860000000")).json()
    assert body["count"] == 1
    (ticket,) = body["results"]
    assert (ticket["id"], ticket["status"], ticket["last_message"]) == (ticket_id, "new", "Hello?")
    assert (ticket["unread_count"], ticket["message_count"]) == (0, 1)
    assert set(ticket) == {
        *("id", "ticket_number", "status", "unread_count"),
        *("last_message", "last_message_at", "message_count", "created_at"),
    }


async def test_the_list_is_paged_and_filtered(browser: Browser, api, project):
    ids = [await browser.opened(str(n)) for n in range(3)]
    await api.patch(f"{project.tickets}{ids[1]}/", json={"status": "resolved"})
    assert await browser.ticket_ids(limit=2) == [ids[2], ids[1]]
    assert await browser.ticket_ids(limit=2, offset=2) == [ids[0]]
    assert (await browser.tickets(offset=9)).json() == {"count": 3, "results": []}
    assert await browser.ticket_ids(status="resolved") == [ids[1]]
    assert await browser.ticket_ids(status="") == [ids[2], ids[1], ids[0]]
    assert (await browser.tickets(status="resolved")).json()["count"] == 1


async def test_a_deleted_ticket_is_gone_for_its_visitor(browser: Browser, api, project):
    ticket_id = await browser.opened()
    assert (await api.delete(f"{project.tickets}{ticket_id}/")).status_code == 204
    for answer in (
        await browser.send("Still there?", ticket_id=ticket_id),
        await browser.thread(ticket_id),
        await browser.read(ticket_id),
    ):
        assert (answer.status_code, answer.json()) == (404, {"error": "Ticket not found"})
    assert await browser.ticket_ids() == []


async def test_a_project_without_the_widget_takes_messages_from_the_api(
    cast, browser: Browser, anonymous, api
):
    async with cast.services.database.transaction() as db:
        made = await cast.make_project(db, cast.project.organization_id, widget_enabled=False)
    ticket_id = await Browser(anonymous, made).opened()
    ticket = (await api.get(f"{made.tickets}{ticket_id}/")).json()
    assert ticket["channel_detail"] == "widget_api"


@pytest.mark.parametrize("suffix", ["Z", "+00:00", "", ".123456Z", "+05:30"])
async def test_instants_of_every_spelling_are_read(browser: Browser, suffix: str):
    ticket_id = await browser.opened()
    early = (await browser.thread(ticket_id, after=f"2020-01-31T12:00:00{suffix}")).json()
    late = (await browser.thread(ticket_id, after=f"2990-01-31T12:00:00{suffix}")).json()
    assert (len(early["messages"]), len(late["messages"])) == (1, 0)


async def test_the_thread_of_a_stranger_is_forbidden_and_that_of_nobody_not_found(
    browser: Browser, other_browser: Browser
):
    ticket_id = await browser.opened("My secret")
    other_browser.distinct_id = browser.distinct_id  # anybody can send any distinct id
    for answer in (
        await other_browser.send("Hi", ticket_id=ticket_id),
        await other_browser.thread(ticket_id),
        await other_browser.read(ticket_id),
    ):
        assert (answer.status_code, answer.json()) == (403, {"error": "Forbidden"})
    for missing in (str(uuid4()), str(uuid4()).replace("-", "")):
        answer = await other_browser.thread(missing)
        assert (answer.status_code, answer.json()) == (404, {"error": "Ticket not found"})
    assert await other_browser.ticket_ids() == []
    assert await browser.texts(ticket_id) == ["My secret"]


async def test_a_ticket_of_another_project_is_not_found(browser: Browser, anonymous, mallory):
    ticket_id = await browser.opened()
    spy = Browser(anonymous, mallory.project)
    spy.credentials = browser.credentials
    for answer in (
        await spy.send("Hi", ticket_id=ticket_id),
        await spy.thread(ticket_id),
        await spy.read(ticket_id),
    ):
        assert (answer.status_code, answer.json()) == (404, {"error": "Ticket not found"})
    assert await spy.ticket_ids() == []


async def test_a_message_is_dated_by_the_clock(browser: Browser, clock):
    now = clock.freeze(datetime(2026, 3, 1, 12, 30, tzinfo=UTC))
    answer = await browser.send()
    assert datetime.fromisoformat(answer.json()["created_at"]) == now


async def test_the_routes_have_no_trailing_slash_to_remember(browser: Browser):
    answer = await browser.client.get(
        f"{PREFIX}/tickets/", params=browser.credentials, headers=browser.headers
    )
    assert answer.status_code == 200


async def test_a_message_with_a_key_arrives_once(anonymous, project, api):
    key, browser = str(uuid4()), Browser(anonymous, project)
    body = {"message": "Hello?", "distinct_id": "ada", **browser.credentials}
    headers = {**browser.headers, "Idempotency-Key": key}
    first, again = [await anonymous.post(f"{PREFIX}/message", json=body, headers=headers) for _ in "ab"]
    assert first.status_code == again.status_code == 200 and first.json() == again.json()
    assert again.headers["idempotent-replayed"] == "true"
    assert await browser.texts(first.json()["ticket_id"]) == ["Hello?"]
    other = await anonymous.post(f"{PREFIX}/message", json={**body, "message": "Eh?"}, headers=headers)
    assert other.status_code == 422 and other.json().keys() == {"error"}
    stranger = {**body, **Browser(anonymous, project).credentials}
    theirs = await anonymous.post(f"{PREFIX}/message", json=stranger, headers=headers)
    assert theirs.status_code == 200 and theirs.json()["ticket_id"] != first.json()["ticket_id"]


async def test_a_refused_message_is_refused_again_in_the_same_words(anonymous, project):
    browser = Browser(anonymous, project)
    body = {"message": "Hi", "distinct_id": "ada", "ticket_id": str(uuid4()), **browser.credentials}
    headers = {**browser.headers, "Idempotency-Key": str(uuid4())}
    first, again = [await anonymous.post(f"{PREFIX}/message", json=body, headers=headers) for _ in "ab"]
    assert first.status_code == again.status_code == 404
    assert first.json() == again.json() == {"error": "Ticket not found"}
