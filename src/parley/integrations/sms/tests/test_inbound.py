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
