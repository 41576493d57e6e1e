"""Colleagues see who looks at the same conversation and who writes in it, and nobody else does."""

import pytest

from parley.inbox.inbox_page.tests.test_lines import line_of
from parley.inbox.presence.pages import TOLD
from tests.plain_browser import PlainBrowser, read_html, window_of


async def tell(window: PlainBrowser, doing: str, number: int = 1) -> tuple[int, str]:
    """Tell what somebody does; return the status and what they are shown."""
    await window.open("/inbox")
    token = {"X-CSRFToken": window.page.all("input", name="csrf_token")[0]["value"]}
    answer = await window.client.post(f"/inbox/{number}/presence", data={"doing": doing}, headers=token)
    return answer.status_code, read_html(answer.text).text


async def shown(window: PlainBrowser, number: int = 1) -> str:
    return read_html((await window.client.get(f"/inbox/{number}/presence")).text).text


async def test_colleagues_see_each_other_come_write_and_go(window, desk, cast):
    await desk.open(message="Hello?")
    bob = await window_of(cast, cast.bob)
    assert await tell(window, "looking") == (200, "")
    assert await tell(bob, "looking") == (200, "AE Alice Example is looking at this too")
    assert await shown(window) == "BE Bob Example is looking at this too"
    await tell(bob, "writing")
    assert await shown(window) == "BE Bob Example is writing"
    await tell(bob, "gone")
    assert await shown(window) == ""


async def test_it_is_about_one_conversation_of_one_project(window, desk, cast):
    for text in ("one", "two"):
        await desk.open(message=text)
    await tell(window, "looking", 2)
    bob, mallory = await window_of(cast, cast.bob), await window_of(cast, cast.mallory)
    assert await tell(bob, "looking", 1) == (200, "")
    assert await shown(bob, 2) == "AE Alice Example is looking at this too"
    assert (await tell(mallory, "looking", 1))[0] == 404
    assert (await mallory.client.get("/inbox/2/presence")).status_code == 404


async def test_whoever_may_not_see_a_conversation_is_neither_told_nor_seen(window, desk, cast):
    await desk.open(message="secret")
    await desk.client.put(f"{desk.tickets}1/access_controls/", json={"access_level": "none"})
    bob = await window_of(cast, cast.bob)
    assert (await tell(bob, "looking"))[0] == 404
    assert (await bob.client.get("/inbox/1/presence")).status_code == 404
    assert await tell(window, "looking") == (200, "")
    async with line_of(bob.client) as line:
        await tell(window, "writing")
        await desk.open(message="for everybody")
        await line.has_read("event: inbox")
        assert b"presence" not in line.read


@pytest.mark.parametrize("doing", ["", "sleeping", "looking\x00", "<script>"])
async def test_nothing_else_can_be_told(window, desk, doing):
    await desk.open(message="Hello?")
    assert (await tell(window, doing))[0] == 400


async def test_a_merged_conversation_is_the_one_that_it_is_merged_into(window, desk, cast):
    for text in ("one", "two"):
        await desk.open(message=text)
    assert (await desk.client.post(f"{desk.tickets}2/merge/", json={"into": 1})).status_code == 200
    await tell(window, "looking", 2)
    assert await shown(await window_of(cast, cast.bob), 1) == "AE Alice Example is looking at this too"


async def test_open_pages_hear_only_of_what_is_new_and_not_of_themselves(window, desk, cast):
    await desk.open(message="Hello?")
    bob = await window_of(cast, cast.bob)
    async with line_of(window.client) as mine, line_of(bob.client) as his:
        for doing in ("looking", "looking", "writing"):
            await tell(bob, doing)
        await desk.change(1, priority="low")
        for line in (mine, his):
            await line.has_read("event: ticket-1")
        assert mine.read.count(b"event: presence-1") == 2
        assert his.read.count(b"event: presence-1") == 0


async def test_nobody_tells_more_often_than_pages_do(window, desk, cast, services):
    await desk.open(message="Hello?")
    assert (await tell(window, "looking"))[0] == 200
    for _ in range(TOLD.most - 1):
        await services.throttles.hit((TOLD, str(cast.alice.user_id)))
    assert (await tell(window, "looking"))[0] == 429
