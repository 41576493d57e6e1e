"""The button that has a reply suggested."""

import pytest

from parley.conversations.tickets.tests.factories import Desk
from parley.inbox.composer.suggestions import NOTHING
from tests.cast import Cast
from tests.plain_browser import window_of


@pytest.fixture
async def window(cast: Cast, queue):
    """Bob's window, beside a ticket whose question was answered before."""
    desk = Desk(cast.alice, cast.project)
    past = await desk.open(message="How many days do I have to return a jacket?", name="Maria <b>Schmidt")
    await desk.say(past, "Hi Maria,\nyou have 30 days from delivery to return it.")
    await desk.change(past["id"], status="resolved")
    await queue.drain()
    await desk.open(message="Can I still return my jacket?", name="Tom")
    return await window_of(cast, cast.bob)


async def test_the_form_is_filled_and_says_where_the_text_comes_from(window):
    await window.open("/inbox/2")
    await window.press("Suggest a reply")
    assert (
        window.page.one("textarea", id="content").text
        == "Hi Tom, you have 30 days from delivery to return it."
    )
    source = window.page.one(class_="suggestion-sources").one("a")
    assert source.text.startswith("#1 How many days") and source["href"].endswith("/inbox/1")
    await window.press("Send reply")
    assert "you have 30 days from delivery" in window.page.one("ol", id="messages").text


async def test_what_is_typed_already_stays(window):
    await window.open("/inbox/2")
    await window.press("Suggest a reply", content="My own words.")
    text = window.page.one("textarea", id="content").text
    assert text.startswith("My own words. Hi Tom,")


async def test_nothing_that_fits_and_nobody_who_asks_is_said(window, cast: Cast):
    desk = Desk(cast.alice, cast.project)
    await desk.open(message="Do you sell llamas?")
    await window.open("/inbox/3")
    await window.press("Suggest a reply", content="Typed")
    assert window.page.one("textarea", id="content").text == "Typed"
    assert NOTHING in [one.text for one in window.page.all(role="status")]
    await desk.open()
    await window.open("/inbox/4")
    await window.press("Suggest a reply")
    assert window.status == 422 and window.page.one(id="content-problem").text == "No messages in this ticket"


async def test_another_organization_gets_none(window, cast: Cast):
    theirs = await window_of(cast, cast.mallory)
    await theirs.open("/inbox/2")
    assert theirs.status == 404


async def test_the_script_of_another_site_gets_none(window):
    await window.open("/inbox/2")
    token = window.page.all("input", name="csrf_token")[0]["value"]
    for given, status in ((token, 201), ("wrong", 403), (None, 403)):
        parts = {"csrf_token": (None, given)} if given else {"other": (None, "x")}
        headers = {"Accept": "application/json"}
        answer = await window.client.post("/inbox/2/suggestion", files=parts, headers=headers)
        assert answer.status_code == status, answer.text
