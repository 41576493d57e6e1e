"""Whoever writes while a colleague answers is told so before it is sent, once."""

from datetime import timedelta

import pytest

from parley.conversations.tickets.tests.factories import Desk
from tests.cast import Member
from tests.plain_browser import PlainBrowser

ASKED = "It is not sent yet: Bob Example answered 3 min ago. Send it all the same?"


@pytest.fixture
async def colleague(window: PlainBrowser, desk: Desk, bob: Member, clock):
    """The first ticket is open in alice's window; then bob, whose desk this is, answers it or writes a note."""
    clock.freeze()
    ticket = await desk.open(message="Hello?")
    await window.open("/inbox/1")
    clock.advance(timedelta(minutes=1))

    async def writes(text: str, *, is_private: bool = False) -> None:
        await Desk(bob, desk.project).say(ticket, text, is_private=is_private)
        clock.advance(timedelta(minutes=3))

    return writes


async def test_a_reply_is_refused_once_after_a_colleague_has_answered(colleague, window):
    await colleague("We look into it.")
    await window.press("Send reply", content="We will look.")
    assert (window.status, ASKED in window.page.text) == (422, True)
    assert window.page.one("textarea", id="content").text == "We will look."
    await window.press("Send reply")
    assert window.status == 200
    assert "We will look." in window.page.one("ol", id="messages").text


async def test_nobody_is_asked_for_a_note_or_after_a_note_or_for_own_answers(colleague, window):
    await colleague("Should we look?", is_private=True)
    await window.press("Send reply", content="One moment.")
    await window.press("Send reply", content="Here it is.")
    assert window.status == 200
    await colleague("We look into it.")
    await window.press("Add note", content="Bob has it.", kind="note")
    assert window.status == 200
    assert ASKED not in window.page.text


async def test_an_open_page_is_told_while_somebody_writes(colleague, window):
    seen = window.page.one("input", name="read_until")["value"]
    path = "/inbox/1/answered"
    assert (await window.client.get(path, params={"read_until": seen})).text.strip() == ""
    await colleague("We look into it.")
    said = await window.client.get(path, params={"read_until": seen})
    assert "Bob Example answered 3 min ago." in said.text
    for wrong in ("", "now", "2026-13-01"):
        assert (await window.client.get(path, params={"read_until": wrong})).text.strip() == ""
