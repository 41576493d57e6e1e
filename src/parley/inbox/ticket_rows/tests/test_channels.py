"""How a conversation began is shown in the list, above its messages and in what a search suggests."""

import pytest
from sqlalchemy import update

from parley.conversations.tickets.tables import ticket
from tests.plain_browser import read_html

CHANNELS = [
    ("widget", "widget_embedded", "Chat widget"),
    ("widget", "widget_api", "Opened by your team"),
    ("email", None, "E-mail"),
    ("sms", None, "Text message"),
    ("slack", "slack_channel_message", "Slack"),
]


@pytest.mark.parametrize(("source", "detail", "name"), CHANNELS)
async def test_the_channel_is_a_picture_with_words(window, desk, database, source, detail, name):
    await desk.open(message="Where is my fern?")
    async with database.transaction() as db:
        mine = update(ticket).where(ticket.c.project_id == desk.project.id)
        await db.execute(mine.values(channel_source=source, channel_detail=detail))
    await window.open("/inbox/1")
    shown = window.page.one("a", class_="row").one("span", class_="row-channel")
    assert (shown["title"], shown.text) == (name, name) and shown.all("svg")
    assert f"Channel: {name}" in window.page.one(id="thread-head").text
    answer = await window.client.get("/inbox/search", params={"search": "fern"})
    (option,) = read_html(answer.text).one("div", role="group").all("a")
    assert name in option.text
