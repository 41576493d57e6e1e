"""The page of text messages, without script."""

import pytest

from parley.integrations.twilio.tests.double import OWN
from tests.plain_browser import window_of

PATH = "/settings/sms"


@pytest.fixture
async def window(cast, services):
    return await window_of(cast, cast.alice)


async def test_an_account_and_a_number_are_connected_and_disconnected(window, twilio):
    await window.open(PATH)
    assert "Connect the account first" in window.page.text
    await window.open("/settings/integrations")
    await window.press("Connect Twilio", **twilio.config)
    assert twilio.token not in window.answer.text
    await window.open(PATH)
    await window.press("Connect", phone_number=OWN)
    assert window.page.one(role="status").text == "The number takes text messages now."
    assert len(twilio.routed) == 1
    await window.press("Disconnect this number")
    assert "No number takes text messages yet." in window.page.text


async def test_the_page_says_who_has_opted_out_and_what_is_held(window, phone, api, project):
    settings = {"conversations_settings": {"sms_limit_per_number": 0}}
    await api.patch(f"/api/projects/{project.id}/", json=settings)
    await phone.send("Hello")
    reply = f"/api/projects/{project.id}/conversations/tickets/1/reply"
    await api.post(reply, json={"message": "Soon"})
    await phone._queue.drain()
    await window.open(PATH)
    assert "1 message." in window.page.text and "Nobody has opted out." in window.page.text
    await window.press("Give up all")
    await phone.send("STOP")
    await window.open(PATH)
    assert "1 number." in window.page.text


async def test_members_do_not_see_it(cast, services):
    window = await window_of(cast, cast.bob)
    answer = await window.open(PATH)
    assert "Only admins see the settings of text messages." in window.page.text, answer
