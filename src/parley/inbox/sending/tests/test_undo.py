"""Replies wait some seconds, in which they can be taken back; then they are sent once, whatever happens meanwhile."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from parley.conversations.held_replies.actions import WORK, send_due, take_back
from parley.conversations.held_replies.queries import author_of
from parley.conversations.held_replies.tables import held_reply
from parley.kernel.errors import NotFound
from parley.kernel.jobs import outbox
from parley.kernel.jobs.outbox import AT_ONCE
from tests.cast import Cast
from tests.plain_browser import read_html, window_of

IN_PAGE = {"HX-Request": "true"}
RICH = '{"type":"doc","content":[{"type":"paragraph","content":[{"type":"text","text":"Yes","marks":[{"type":"bold"}]}]}]}'


class Desk:
    """Alice's window with the first ticket, sending as the page with script does."""

    def __init__(self, window, api, project, clock, queue):
        self.window, self.api, self.project, self.clock, self.queue = window, api, project, clock, queue

    async def hidden(self):
        await self.window.open("/inbox/1")
        form = self.window.page.one("form", class_="composer")
        return {one["name"]: one["value"] for one in form.all("input", type="hidden")}

    async def send(self, **given):
        data = {**await self.hidden(), "kind": "reply", "content": "Yes", "rich_content": RICH, **given}
        answer = await self.window.client.post("/inbox/1/messages", data=data, headers=IN_PAGE)
        assert answer.status_code == 200, answer.text
        return read_html(answer.text)

    async def undo(self, path, **given):
        data = {**await self.hidden(), "content": "", **given}
        answer = await self.window.client.post(path, data=data, headers=IN_PAGE)
        return answer.status_code, read_html(answer.text)

    async def messages(self):
        found = (await self.api.get(f"{self.project.tickets}1/messages/")).json()["results"]
        return [one["content"] for one in found if one["message_type"] == "sent_reply"]

    async def later(self, seconds):
        self.clock.advance(timedelta(seconds=seconds))
        await self.queue.drain()


@pytest.fixture
async def desk(window, api, project, clock, queue, customer):
    await queue.drain()
    clock.freeze()
    await customer.write("Hello?")
    return Desk(window, api, project, clock, queue)


def undo_of(page):
    return page.one("p", class_="held").one("button")["formaction"]


async def test_a_reply_waits_and_is_sent_once_with_what_was_asked_for_besides(desk):
    page = await desk.send(then="resolved")
    assert "Your reply is sent in 5 s." in page.one("p", class_="held").text
    await desk.later(4)
    assert await desk.messages() == []
    assert (await desk.api.get(f"{desk.project.tickets}1/")).json()["status"] != "resolved"
    await desk.later(2)
    await desk.later(60)
    assert await desk.messages() == ["Yes"]
    assert (await desk.api.get(f"{desk.project.tickets}1/")).json()["status"] == "resolved"


async def test_what_a_quick_action_sets_waits_with_the_reply_and_comes_back_with_it(desk):
    actions = '{"priority":"high","tags":["refund"]}'
    page = await desk.send(actions=actions)
    assert (await desk.api.get(f"{desk.project.tickets}1/")).json()["priority"] is None
    _, page = await desk.undo(undo_of(page), actions='{"tags":["vip"]}')
    assert page.one("input", name="actions")["value"] == '{"priority":"high","tags":["refund","vip"]}'
    await desk.window.open("/inbox/1")
    assert desk.window.page.one("input", name="actions")["value"] == actions
    await desk.send(actions=actions)
    await desk.later(6)
    found = (await desk.api.get(f"{desk.project.tickets}1/")).json()
    assert (found["priority"], found["tags"], found["status"]) == ("high", ["refund"], "pending")


async def test_a_reply_is_sent_soon_where_the_clock_was_set_back(desk):
    await desk.send()
    await desk.later(-3600)
    assert await desk.messages() == ["Yes"]


async def test_work_that_comes_too_early_leaves_the_time_to_take_a_reply_back(desk, services):
    path = undo_of(await desk.send())
    async with services.database.transaction() as db:
        await db.execute(update(outbox).where(outbox.c.name == WORK).values(available_at=AT_ONCE))
    await desk.later(1)
    assert await desk.messages() == []
    await desk.later(60)
    assert await desk.messages() == ["Yes"]
    assert (await desk.undo(path))[0] == 422


async def test_undo_puts_the_reply_back_and_nothing_is_sent(desk):
    page = await desk.send()
    status, page = await desk.undo(undo_of(page))
    field = page.one("textarea", id="content")
    assert (status, field.text, "bold" in field["data-rich"]) == (200, "Yes", True)
    await desk.later(60)
    assert await desk.messages() == []
    await desk.window.open("/inbox/1")
    assert desk.window.page.one("textarea", id="content").text == "Yes"


async def test_undo_keeps_what_was_typed_since(desk):
    page = await desk.send()
    _, page = await desk.undo(undo_of(page), content="and more")
    assert page.one("textarea", id="content").children == ["Yes\n\nand more"]


async def test_what_was_sent_cannot_be_taken_back(desk):
    path = undo_of(await desk.send())
    await desk.later(6)
    status, page = await desk.undo(path, content="typed since")
    assert status == 422 and "sent already" in page.one(role="alert", id="content-problem").text
    assert page.one("textarea", id="content").text == "typed since"
    assert await desk.messages() == ["Yes"]


async def test_nobody_takes_back_what_somebody_else_sends(desk, cast: Cast):
    path = undo_of(await desk.send())
    for person in (cast.bob, cast.mallory):
        other = await window_of(cast, person)
        await other.open("/inbox")
        token = other.page.all("input", name="csrf_token")[0]["value"]
        answer = await other.client.post(path, data={"csrf_token": token}, headers=IN_PAGE)
        assert answer.status_code in (404, 422)
    await desk.later(6)
    assert await desk.messages() == ["Yes"]


async def test_replies_are_sent_in_the_order_in_which_they_were_written(desk):
    for content in ("one", "two"):
        await desk.send(content=content, rich_content="")
        desk.clock.advance(timedelta(seconds=1))
    await desk.later(60)
    assert await desk.messages() == ["one", "two"]


async def test_the_same_form_twice_is_one_reply(desk):
    data = {**await desk.hidden(), "kind": "reply", "content": "Yes"}
    for _ in range(2):
        await desk.window.client.post("/inbox/1/messages", data=data, headers=IN_PAGE)
    await desk.later(60)
    assert await desk.messages() == ["Yes"]


async def test_the_same_form_at_the_same_moment_is_one_reply_and_the_page_says_so(desk):
    data = {**await desk.hidden(), "kind": "reply", "content": "Yes"}
    sends = [desk.window.client.post("/inbox/1/messages", data=data, headers=IN_PAGE) for _ in range(4)]
    answers = await asyncio.gather(*sends)
    assert 200 in {one.status_code for one in answers}
    for refused in (read_html(one.text) for one in answers if one.status_code != 200):
        assert "being sent already" in refused.one(role="alert", id="content-problem").text
    await desk.later(60)
    assert await desk.messages() == ["Yes"]


async def test_a_reply_that_was_taken_back_is_not_called_sent_when_the_button_is_pressed_again(desk):
    path = undo_of(await desk.send())
    assert (await desk.undo(path))[0] == 200
    status, page = await desk.undo(path)
    assert status == 422 and "or taken back before" in page.one(role="alert", id="content-problem").text
    await desk.later(60)
    assert await desk.messages() == []


@pytest.mark.parametrize("given", [{"kind": "note"}, {"headers": {}}])
async def test_notes_and_forms_without_script_do_not_wait(desk, given):
    data = {**await desk.hidden(), "kind": given.get("kind", "reply"), "content": "Now"}
    await desk.window.client.post("/inbox/1/messages", data=data, headers=given.get("headers", IN_PAGE))
    found = (await desk.api.get(f"{desk.project.tickets}1/messages/")).json()["results"]
    assert found[-1]["content"] == "Now"


@pytest.mark.parametrize(("chosen", "waits"), [(0, False), (30, True)])
async def test_everybody_chooses_how_long(desk, cast: Cast, chosen, waits):
    await desk.window.open("/settings/account")
    await desk.window.press("Save how long", undo_send_s=str(chosen))
    assert (await cast.alice.client.get("/api/users/@me/")).json()["undo_send_s"] == chosen
    await desk.send()
    await desk.later(29)
    assert (await desk.messages() == []) == waits
    await desk.later(2)
    assert await desk.messages() == ["Yes"]


@pytest.mark.parametrize("bad", [1, -5, 31, "x", None])
async def test_no_other_time_can_be_chosen(cast: Cast, bad):
    answer = await cast.alice.client.patch("/api/users/@me/", json={"undo_send_s": bad})
    assert (answer.status_code, answer.json()["attr"]) == (400, "undo_send_s")


async def held_of(services, project):
    async with services.database.transaction(write=False) as db:
        return (await db.execute(select(held_reply).where(held_reply.c.project_id == project.id))).one()


async def test_of_sending_and_taking_back_at_once_only_one_happens(desk, services, project):
    await desk.send()
    held = await held_of(services, project)
    author = await author_of(services, project.id, held.user_id)
    assert author is not None

    async def undo():
        async with services.database.transaction() as db:
            await take_back(db, services, author, held.id)

    about = (project.id, held.ticket_id, held.user_id, held.send_at)
    outcomes = await asyncio.gather(
        *(send_due(services, *about) for _ in range(3)), undo(), return_exceptions=True
    )
    is_undone = not isinstance(outcomes[-1], NotFound)
    assert [one for one in outcomes[:-1] if one is not None] == []
    assert await desk.messages() == ([] if is_undone else ["Yes"])


async def test_what_cannot_be_sent_any_more_is_a_draft_again(desk, services, project):
    await desk.send()
    assert (await desk.api.delete(f"{project.tickets}1/")).status_code == 204
    await desk.later(6)
    assert (await desk.api.post(f"{project.tickets}1/restore/")).status_code < 300
    assert await desk.messages() == []
    assert (await desk.api.get(f"{project.tickets}1/draft/")).json()["message"] == "Yes"


async def test_several_become_one_draft_in_the_order_in_which_they_were_written(desk, project):
    for content in ("one", "two"):
        await desk.send(content=content, rich_content="")
        desk.clock.advance(timedelta(seconds=1))
    await desk.api.delete(f"{project.tickets}1/")
    await desk.later(60)
    await desk.api.post(f"{project.tickets}1/restore/")
    assert (await desk.api.get(f"{project.tickets}1/draft/")).json()["message"] == "one\n\ntwo"


async def test_nobody_who_is_no_member_is_an_author(services, project, cast: Cast):
    assert (await author_of(services, project.id, cast.bob.user_id)) is not None
    assert await author_of(services, project.id, cast.mallory.user_id) is None


async def test_what_is_sent_at_once_comes_after_what_waits(desk):
    await desk.send()
    data = {**await desk.hidden(), "kind": "reply", "content": "And more", "rich_content": ""}
    await desk.window.client.post("/inbox/1/messages", data=data)
    assert await desk.messages() == ["Yes", "And more"]
    await desk.later(60)
    assert await desk.messages() == ["Yes", "And more"]


async def test_an_answer_follows_no_merge_that_its_author_has_not_seen(desk, project):
    other = await desk.api.post(project.tickets, json={"distinct_id": "somebody else", "message": "Me too"})
    await desk.send()
    merged = await desk.api.post(f"{project.tickets}1/merge/", json={"into": other.json()["ticket_number"]})
    assert merged.status_code < 300, merged.text
    await desk.later(60)
    assert await desk.messages() == []
    await desk.window.open("/inbox/1")
    assert desk.window.page.one("textarea", id="content").text == "Yes"


async def test_of_somebody_who_has_left_nothing_waits(desk, services, project, cast: Cast):
    desk.window = await window_of(cast, cast.bob)
    await desk.send()
    path = f"/api/organizations/{cast.alice.organization_id}/members/{cast.bob.user_uuid}/"
    assert (await cast.alice.client.delete(path)).status_code == 204
    await desk.later(60)
    assert await desk.messages() == []
    async with services.database.transaction(write=False) as db:
        assert (await db.execute(select(held_reply.c.id))).all() == []
