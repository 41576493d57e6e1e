"""A conversation begins by text message; Twilio is a double made from its documentation."""

import json
from uuid import uuid4

import pytest

from parley.email.compose.tests.test_compose import channel
from parley.integrations.twilio.tests.double import CUSTOMER, OWN
from parley.integrations.twilio.tests.fixtures import (
    account,
    api_of_twilio,
    line,
    phone,
    queue,
    services,
    twilio,
)
from tests.plain_browser import window_of

__all__ = ["account", "api_of_twilio", "channel", "line", "phone", "queue", "services", "twilio"]

_WORD = '{"type":"text","text":"It left.","marks":[{"type":"bold"}]}'
BOLD = f'{{"type":"doc","content":[{{"type":"paragraph","content":[{_WORD}]}}]}}'
NOBODY = "+15005550042"
SECOND = "+15005550001"


@pytest.fixture
async def form(cast, line):
    return await (await window_of(cast, cast.bob)).open("/compose")


def way(line):
    return f"sms:{line['id']}"


def problem(window):
    assert window.status == 422
    return next(one.text for one in window.page.all("p") if "text-error" in one.get("class"))


async def test_a_conversation_begins_by_text_message_and_the_answer_comes_back(
    form, line, twilio, phone, desk, queue
):
    option = form.page.one("option", value=way(line))
    assert option.text == "Text message from +1 500-555-0006" and option["data-sends-from"] in option.text
    await form.press(
        "Send",
        recipient_email=" +1 (500) 555-0009 ",
        email_config_id=way(line),
        rich_content=BOLD,
        message="It left.",
    )
    assert form.path == "/inbox/1", form.page.text
    await queue.drain()
    [text] = twilio.texts
    assert (text["To"], text["From"], text["Body"]) == (CUSTOMER, OWN, "It left.")
    await form.open("/inbox/1")
    assert "Sent as a text message." in form.page.one(id="messages").text
    found = await desk.ticket(1)
    about = (found["channel_source"], found["status"], found["identity_verified"], found["distinct_id"])
    assert about == ("sms", "open", False, CUSTOMER)
    await phone.send("Thank you")
    assert (await desk.ticket(1))["last_message_text"] == "Thank you" and await desk.numbers() == [1]


async def test_who_has_stopped_messages_gets_none_and_nothing_is_opened(
    form, line, twilio, phone, desk, queue
):
    await phone.send("STOP")
    about = {"recipient_email": CUSTOMER, "email_config_id": way(line)}
    await form.press("Send", **about, message="Kept")
    assert "stopped text messages (STOP)" in problem(form)
    assert form.page.one("textarea", id="content").text == "Kept"
    assert "selected" in form.page.one("option", value=way(line)).attributes
    assert await desk.numbers() == [] and not twilio.texts
    await phone.send("START")
    await form.press("Send", **about, message="Welcome back")
    assert form.path == "/inbox/1"
    await queue.drain()
    assert [one["Body"] for one in twilio.texts] == ["Welcome back"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"recipient_email": "ada@example.com"}, "with the code of its country"),
        ({"recipient_email": "500 555 0009"}, "with the code of its country"),
        ({"recipient_email": "+1"}, "with the code of its country"),
        ({"recipient_email": OWN}, "a number of the project itself"),
        ({"email_config_id": f"sms:{uuid4()}"}, "no text messages for the project any more"),
        ({"email_subject": "Order"}, "has no subject"),
        ({"message": " "}, "Message content is required."),
    ],
)
async def test_what_cannot_be_sent_is_said_and_opens_nothing(form, line, desk, twilio, fields, said):
    good = {"recipient_email": NOBODY, "email_config_id": way(line), "message": "Hello"}
    await form.press("Send", **{**good, **fields})
    assert said in problem(form)
    assert await desk.numbers() == [] and not twilio.texts


async def test_a_form_that_is_sent_twice_sends_one_message(form, line, desk, twilio, queue):
    page, answer = form.page, form.answer
    about = {"recipient_email": NOBODY, "email_config_id": way(line), "message": "Hello"}
    await form.press("Send", **about)
    form.page, form.answer = page, answer
    await form.press("Send", **about)
    assert form.path == "/inbox/1" and await desk.numbers() == [1]
    await queue.drain()
    assert len(twilio.texts) == 1


async def test_the_number_of_another_project_sends_nothing(cast, line, desk, twilio):
    window = await (await window_of(cast, cast.mallory)).open("/compose")
    assert not window.page.all("option", value=way(line))
    await window.press("Send", recipient_email=NOBODY, email_config_id=way(line), message="Hello")
    assert "no text messages for the project any more" in problem(window)
    assert await desk.numbers() == [] and not twilio.texts


async def test_an_address_that_is_a_number_chooses_text_messages(form, line):
    await form.open(f"/compose?to=%2B{NOBODY[1:]}")
    assert form.page.one("input", id="recipient_email")["value"] == NOBODY
    assert "selected" in form.page.one("option", value=way(line)).attributes


async def test_persons_are_offered_with_their_numbers(form, cast, line, phone):
    await phone.send("Hello")
    await form.open(f"/compose/recipients?recipient_email=%2B{CUSTOMER[1:]}")
    assert [one["data-phone"] for one in form.page.all("div", role="option")] == [CUSTOMER]


@pytest.fixture
def compose(api, desk):
    async def send(**fields):
        return await api.post(f"{desk.tickets}compose/", json={"message": "It left.", **fields})

    return send


async def test_the_api_begins_a_conversation_by_text_message_once(compose, line, twilio, queue, desk):
    about = {"recipient_phone": "+1 500 555 0009", "sms_channel_id": line["id"], "tags": ["order"]}
    answer = await compose(**about)
    assert answer.status_code == 201 and answer.json()["ticket_number"] == 1
    again = await compose(**{**about, "recipient_phone": CUSTOMER})
    assert (again.status_code, again.json()) == (200, answer.json())
    await queue.drain()
    assert [(one["To"], one["Body"]) for one in twilio.texts] == [(CUSTOMER, "It left.")]
    assert (await desk.ticket(1))["tags"] == ["order"]


async def second_line(api, desk, account):
    other = await api.post(
        f"/api/projects/{desk.project.id}/conversations/sms_channels",
        json={"integration_id": account["id"], "phone_number": SECOND},
    )
    assert other.status_code == 201, other.text
    return other.json()


async def test_the_api_refuses_who_has_stopped_messages_from_any_number_of_the_project(
    compose, account, line, phone, api, desk
):
    other = await second_line(api, desk, account)
    await phone.send("STOP")
    for one in (line, other):
        answer = await compose(recipient_phone=CUSTOMER, sms_channel_id=one["id"])
        assert (answer.status_code, answer.json()["code"]) == (400, "opted_out")
    assert await desk.numbers() == []


@pytest.mark.parametrize(
    ("change", "code", "attr"),
    [
        ({"recipient_phone": None}, "required", "recipient_phone"),
        ({"sms_channel_id": None}, "required", "sms_channel_id"),
        ({"recipient_phone": "ada"}, "invalid_input", "recipient_phone"),
        ({"sms_channel_id": "7"}, "invalid_input", "sms_channel_id"),
        ({"recipient_email": "ada@example.com"}, "invalid_input", "recipient_email"),
        ({"email_subject": "Order"}, "invalid_input", "email_subject"),
        ({"recipient_distinct_id": "ada"}, "invalid_input", "recipient_distinct_id"),
        ({"rich_content": json.loads(BOLD), "message": "It stays."}, "invalid_input", "rich_content"),
        ({"recipient_phone": None, "sms_channel_id": None}, "required", "recipient_email"),
    ],
)
async def test_the_api_says_what_a_text_message_lacks(compose, line, desk, change, code, attr):
    about = {"recipient_phone": NOBODY, "sms_channel_id": line["id"], **change}
    answer = await compose(**{name: value for name, value in about.items() if value is not None})
    found = answer.json()
    assert (answer.status_code, found["code"], found["attr"]) == (400, code, attr), found
    assert await desk.numbers() == []


async def test_nobody_takes_over_the_messages_of_a_conversation_that_they_may_not_see(
    form, line, phone, desk, queue
):
    await phone.send("A case that is none of theirs")
    hidden = await desk.ticket(1)
    level = {"access_level": "none"}
    closed = await desk.client.put(f"{desk.tickets}{hidden['id']}/access_controls/", json=level)
    assert closed.status_code == 200, closed.text
    await form.open("/inbox/1")
    assert form.status == 404
    await form.open("/compose")
    await form.press(
        "Send", recipient_email=CUSTOMER, email_config_id=way(line), message="What was it again?"
    )
    assert (form.status, "that you may not write in" in form.page.text) == (422, True)
    await phone.send("My number is 4242")
    await queue.drain()
    assert await desk.numbers() == [1]
    assert (await desk.ticket(1))["last_message_text"] == "My number is 4242"
