"""A text message comes in: once, from Twilio alone, on the ticket where it belongs."""

from datetime import timedelta

import pytest

from parley.integrations.twilio.tests.double import CUSTOMER, INBOUND, OWN, sid
from tests.receiver import answers


@pytest.fixture
def base(project):
    return f"/api/projects/{project.id}/conversations"


@pytest.fixture
def tickets(api, base):
    async def found():
        return (await api.get(f"{base}/tickets/?order_by=created_at")).json()["results"]

    return found


@pytest.fixture
def messages(api, base):
    async def found(number=1):
        listed = (await api.get(f"{base}/tickets/{number}/messages")).json()["results"]
        return [(one["message_type"], one["content"]) for one in listed]

    return found


async def test_the_first_message_opens_a_ticket_and_the_next_continues_it(
    phone, api, project, tickets, messages
):
    answer = await phone.send("Hello, is anybody there?")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/xml; charset=utf-8")
    assert answer.text.endswith("<Response></Response>")
    await phone.send("I mean it.")
    [ticket] = await tickets()
    assert (ticket["channel_source"], ticket["distinct_id"], ticket["unread_team_count"]) == (
        "sms",
        CUSTOMER,
        2,
    )
    assert await messages() == [
        ("customer_message", "Hello, is anybody there?"),
        ("customer_message", "I mean it."),
    ]
    assert ticket["identity_verified"] is False
    person = (await api.get(f"/api/projects/{project.id}/persons/", params={"distinct_id": CUSTOMER})).json()
    assert person["results"][0]["properties"]["phone"] == CUSTOMER


async def test_a_message_counts_once(phone, twilio, tickets, messages):
    fields = twilio.message("Once", 7)
    for _ in range(3):
        assert (await phone.post(INBOUND, fields)).status_code == 200
    assert await messages() == [("customer_message", "Once")]


@pytest.mark.parametrize(
    ("changes", "token"),
    [
        ({}, "not the token"),
        ({"AccountSid": f"AC{'b' * 32}"}, None),
        ({"AccountSid": "AC'; drop table"}, None),
        ({"To": "+15005550001"}, None),
        ({"To": "x" * 5000}, None),
        ({"To": "+1\0"}, None),
    ],
)
async def test_only_twilio_gets_in_and_only_for_numbers_that_are_connected(
    phone, twilio, tickets, changes, token
):
    fields = {**twilio.message("Let me in"), **changes}
    answer = await phone.post(INBOUND, fields, token)
    assert (answer.status_code, answer.json()) == (403, {"error": "Invalid signature"})
    assert await tickets() == []


async def test_a_changed_or_oversized_body_is_refused(phone, twilio, anonymous, tickets):
    headers = twilio.signed("http://parley.test" + INBOUND, twilio.message("One"))
    changed = await anonymous.post(INBOUND, data=twilio.message("Two"), headers=headers)
    assert changed.status_code == 403
    assert (await anonymous.post(INBOUND, data=twilio.message("One"))).status_code == 403
    assert (await anonymous.post(INBOUND, content=b"\xff" * 10)).status_code == 403
    large = await anonymous.post(INBOUND, data=twilio.message("x" * 70_000), headers=headers)
    assert large.status_code == 413
    assert await tickets() == []


@pytest.mark.parametrize(("reopens", "n_tickets"), [(True, 1), (False, 2)])
async def test_a_resolved_ticket_is_reopened_or_another_one_opened(
    phone, api, base, project, tickets, reopens, n_tickets
):
    settings = {"conversations_settings": {"reopen_on_reply": reopens}}
    await api.patch(f"/api/projects/{project.id}/", json=settings)
    await phone.send("One")
    await api.patch(f"{base}/tickets/1/", json={"status": "resolved"})
    await phone.send("Two")
    found = await tickets()
    assert len(found) == n_tickets
    assert found[-1]["status"] == ("open" if reopens else "new")


async def test_a_nul_which_no_database_stores_keeps_no_message_away(phone, twilio, messages):
    bad = "https://api.twilio.com/no\0where"
    answer = await phone.send("See\0 here", NumMedia="1", MediaUrl0=bad, MessageSid=sid("MM", 1))
    assert answer.status_code == 200
    assert await messages() == [
        ("customer_message", "See here\n[1 file of this message could not be fetched from Twilio.]")
    ]


async def test_pictures_are_fetched_and_shown(phone, api, base, twilio, tickets):
    url = f"https://api.twilio.com/2010-04-01/Accounts/{twilio.account_sid}/Messages/{sid('MM', 1)}/Media/{sid('ME', 1)}"
    bad = "https://api.twilio.com/2010-04-01/Accounts/../../Media/x"
    more = {"NumMedia": "2", "MediaUrl0": url, "MediaUrl1": bad, "MessageSid": sid("MM", 1)}
    await phone.send("See here", **more)
    [message] = (await api.get(f"{base}/tickets/1/messages")).json()["results"]
    assert message["content"] == "See here\n[1 file of this message could not be fetched from Twilio.]"
    assert [one["content_type"] for one in message["attachments"]] == ["image/png"]
    assert not any(".." in one for one in twilio.asked)


async def test_a_picture_that_twilio_does_not_give_is_tried_again(phone, api, base, twilio, queue, clock):
    url = f"https://api.twilio.com/2010-04-01/Accounts/{twilio.account_sid}/Messages/{sid('MM', 1)}/Media/{sid('ME', 1)}"
    twilio.instead = [("GET ", answers(503))]
    await phone.send("", NumMedia="1", MediaUrl0=url, MessageSid=sid("MM", 2))
    assert (await api.get(f"{base}/tickets/")).json()["count"] == 0
    clock.advance(timedelta(seconds=10))
    await queue.drain()
    [message] = (await api.get(f"{base}/tickets/1/messages")).json()["results"]
    assert message["content"] == "" and len(message["attachments"]) == 1


async def test_stop_and_start_are_heeded_and_noted(phone, api, base, messages):
    await phone.send("Hello")
    await phone.send("STOP")
    [out] = (await api.get(f"{base}/sms_opt_outs")).json()["results"]
    assert (out["phone_number"], out["own_number"], out["opted_out_by"]) == (CUSTOMER, OWN, "customer")
    kinds = [kind for kind, _ in await messages()]
    assert kinds == ["customer_message", "customer_message", "internal_note"]
    await phone.send("Start")
    assert (await api.get(f"{base}/sms_opt_outs")).json()["count"] == 0
    assert "gets text messages again" in (await messages())[-1][1]


async def test_stop_without_a_ticket_opens_none(phone, api, base, tickets):
    await phone.send("STOP")
    assert await tickets() == []
    assert (await api.get(f"{base}/sms_opt_outs")).json()["count"] == 1


async def test_what_comes_while_conversations_are_off_is_kept_and_taken_in_its_order_later(
    phone, api, project, queue, twilio, tickets, messages
):
    path = f"/api/projects/{project.id}/"
    await api.patch(path, json={"conversations_enabled": False})
    bad = "https://api.twilio.com/nowhere"
    for words, more in (("One", {}), ("Two", {}), ("See", {"NumMedia": "1", "MediaUrl0": bad})):
        assert (await phone.send(words, **more)).status_code == 200
    assert await tickets() == []
    await api.patch(path, json={"conversations_enabled": True})
    await queue.drain()
    await queue.drain()
    assert [words for _, words in await messages()] == [
        "One", "Two", "See\n[1 file of this message could not be fetched from Twilio.]",
    ]  # fmt: skip
    await api.patch(path, json={"name": "Shop"})
    await queue.drain()
    assert len(await messages()) == 3


@pytest.mark.parametrize("sender", ["ALICE", "12345"])
async def test_a_sender_without_a_number_is_nobody_whom_the_site_knows(phone, api, project, tickets, sender):
    sent = {"api_key": project.api_token, "event": "seen", "distinct_id": sender}
    assert (await api.post("/capture/", json=sent)).status_code == 200
    await phone.send("Hello", From=sender)
    await phone.send("Hello again", From=sender)
    [ticket] = await tickets()
    assert ticket["distinct_id"].startswith("sms-") and ticket["message_count"] == 2
    persons = f"/api/projects/{project.id}/persons/"
    known = (await api.get(persons, params={"distinct_id": sender})).json()["results"][0]
    assert "phone" not in known["properties"]
    made = (await api.get(persons, params={"distinct_id": ticket["distinct_id"]})).json()["results"][0]
    assert made["properties"]["phone"] == sender
    path = f"/api/projects/{project.id}/personal_data/"
    erased = (await api.delete(path, params={"distinct_id": sender})).json()
    assert (erased["tickets"], erased["text_contacts"]) == (0, 0)
    erased = (await api.delete(path, params={"distinct_id": ticket["distinct_id"]})).json()
    assert (erased["tickets"], erased["text_contacts"]) == (1, 1)


async def test_who_writes_an_answer_is_told_before_that_it_would_not_be_sent(phone, api, base, cast):
    from tests.plain_browser import window_of

    await phone.send("Hello")
    route = f"{base}/tickets/1/reply_route"
    assert (await api.get(route)).json()["description"] == f"By text message to {CUSTOMER}."
    await phone.send("STOP")
    told = (await api.get(route)).json()
    assert (told["kind"], told["description"][:38]) == ("none", "Not sent: this person has stopped text")
    window = await window_of(cast, cast.alice)
    await window.open("/inbox/1")
    warning = window.page.one("span", class_="notice-warning")
    assert "Not sent: this person has stopped text messages (STOP)" in warning.text
    await phone.send("START")
    assert (await api.get(route)).json()["description"] == f"By text message to {CUSTOMER}."
    await phone.send("Hello", From="ALICE")
    said = (await api.get(f"{base}/tickets/2/reply_route")).json()["description"]
    assert said.endswith("has no number that can be answered.")
