"""Answers go out as text messages, once, and say what has become of them."""

from datetime import timedelta

import pytest

from parley.integrations.sms_outbound.jobs import call_for_due_texts
from parley.integrations.twilio.tests.double import CUSTOMER, OWN, SITE, refusal
from tests.receiver import answers

STATUS = "/api/conversations/v1/sms/status"
OPTED_OUT = "This number has opted out of text messages (STOP). It gets none until it sends START."


@pytest.fixture
def base(project):
    return f"/api/projects/{project.id}/conversations"


class Team:
    """Somebody who answers ticket 1, and sees what has become of it."""

    def __init__(self, api, base, queue, services):
        self.api, self.base, self.queue, self.services = api, base, queue, services

    async def say(self, text="We are on it.", ticket=1, **more):
        answer = await self.api.post(f"{self.base}/tickets/{ticket}/reply", json={"message": text, **more})
        assert answer.status_code == 201, answer.text
        await self.queue.drain()
        return answer.json()["id"]

    async def later(self):
        async with self.services.database.transaction() as db:
            await call_for_due_texts(db, self.services)
        await self.queue.drain()

    async def status(self, id):
        found = (await self.api.get(f"{self.base.removesuffix('/conversations')}/comments/{id}/")).json()
        context = found["item_context"]
        return context.get("sms_delivery_status"), context.get("sms_delivery_detail")

    async def listed(self, state=""):
        return (await self.api.get(f"{self.base}/sms_messages?state={state}")).json()["results"]


@pytest.fixture
def team(api, base, queue, services):
    return Team(api, base, queue, services)


def report(twilio, text, status, **more):
    names = {"AccountSid": twilio.account_sid, "MessageSid": text["sid"], "From": OWN, "To": CUSTOMER}
    return {**names, "MessageStatus": status, **more}


async def test_an_answer_goes_out_and_its_delivery_is_shown(phone, team, twilio):
    await phone.send("Hello")
    id = await team.say()
    [text] = twilio.texts
    assert (text["To"], text["From"], text["Body"]) == (CUSTOMER, OWN, "We are on it.")
    assert await team.status(id) == ("sent", None)
    callback = text["StatusCallback"]
    assert callback.startswith(f"{SITE}{STATUS}?message=")
    for status in ("delivered", "sent"):  # reports come in any order
        answer = await phone.post(callback.removeprefix(SITE), report(twilio, text, status))
        assert answer.status_code == 200
    assert await team.status(id) == ("delivered", None)
    assert (await team.listed("delivered"))[0]["segments"] == 1


async def test_a_private_note_and_a_second_look_send_nothing(phone, team, twilio):
    await phone.send("Hello")
    await team.say("Only for us", is_private=True)
    await team.say("For you")
    await team.later()
    assert [one["Body"] for one in twilio.texts] == ["For you"]


def bold(text):
    said = {"type": "text", "text": text, "marks": [{"type": "bold"}]}
    return {"type": "doc", "content": [{"type": "paragraph", "content": [said]}]}


async def test_a_customer_gets_no_other_words_than_the_team_sees(phone, team, twilio, api, base):
    await phone.send("Hello")
    await team.say("It left today.", rich_content=bold("It left  today."))
    other = {"message": "It left today.", "rich_content": bold("It never left.")}
    ticket = (await api.get(f"{base}/tickets/1/")).json()
    comment = {"content": "", "scope": "conversations_ticket", "item_id": ticket["id"]}
    refused = [
        await api.post(f"{base}/tickets/1/reply", json=other),
        await api.post(
            f"{base.removesuffix('/conversations')}/comments/",
            json={**comment, "item_context": {}, "rich_content": bold("Only in bold")},
        ),
    ]
    for answer in refused:
        assert (answer.status_code, answer.json()["attr"]) == (400, "rich_content"), answer.text
    await team.say("For us", is_private=True, rich_content=bold("For the team"))
    assert [one["Body"] for one in twilio.texts] == ["It left today."]


async def test_an_undelivered_message_says_why(phone, team, twilio):
    await phone.send("Hello")
    id = await team.say()
    path = twilio.texts[0]["StatusCallback"].removeprefix(SITE)
    fields = report(twilio, twilio.texts[0], "undelivered", ErrorCode="30006")
    assert (await phone.post(path, fields, "not the token")).status_code == 403
    assert await team.status(id) == ("sent", None)
    assert (await phone.post(path, fields)).status_code == 200
    status, detail = await team.status(id)
    assert status == "failed" and "landline" in detail


@pytest.mark.parametrize(
    ("code", "words"),
    [(21211, "not a valid phone number"), (21610, OPTED_OUT), (99999, "Twilio says: Something odd (99999).")],
)
async def test_a_refusal_is_told_in_a_sentence_and_not_repeated(phone, team, twilio, api, base, code, words):
    await phone.send("Hello")
    twilio.instead = [("POST ", refusal(400, code, "Something odd"))]
    status, detail = await team.status(await team.say())
    assert status == "failed" and words in detail
    await team.later()
    assert twilio.texts == []
    assert (await api.get(f"{base}/sms_opt_outs")).json()["count"] == (code == 21610)


async def test_nothing_goes_to_who_has_opted_out(phone, team, twilio):
    await phone.send("Hello")
    await phone.send("STOP")
    id = await team.say()
    assert twilio.texts == []
    assert await team.status(id) == ("failed", OPTED_OUT)
    await phone.send("START")
    await team.say("Welcome back")
    assert [one["Body"] for one in twilio.texts] == ["Welcome back"]


async def test_what_waits_for_who_opts_out_is_given_up(phone, team, twilio):
    await phone.send("Hello")
    twilio.instead = [("POST ", refusal(429, 20429, "Too many requests"))]
    id = await team.say()
    await phone.send("STOP")
    assert await team.status(id) == ("failed", OPTED_OUT)


async def test_a_wish_for_later_is_respected(phone, team, twilio, clock):
    await phone.send("Hello")
    twilio.instead = [("POST ", refusal(429, 20429, "Too many requests", Retry_After="90"))]
    id = await team.say()
    assert await team.status(id) == ("sending", None)
    clock.advance(timedelta(seconds=80))
    n_asked = len(twilio.asked)
    await team.later()
    assert len(twilio.asked) == n_asked and twilio.texts == []


async def test_after_a_broken_connection_a_message_is_looked_for_and_not_sent_twice(
    phone, team, twilio, clock
):
    await phone.send("Hello")
    twilio.forgets_answer = True
    id = await team.say()
    assert len(twilio.texts) == 1 and await team.status(id) == ("sending", None)
    clock.advance(timedelta(seconds=200))
    await team.later()
    assert len(twilio.texts) == 1
    assert await team.status(id) == ("sent", None)
    assert (await team.listed())[0]["sid"] == twilio.texts[0]["sid"]


async def test_a_message_that_was_reported_as_failed_and_then_as_delivered_has_arrived(phone, team, twilio):
    await phone.send("Hello")
    id = await team.say()
    path = twilio.texts[0]["StatusCallback"].removeprefix(SITE)
    for status, code in (("undelivered", "30003"), ("delivered", ""), ("failed", "30003"), ("sent", "")):
        report_ = report(twilio, twilio.texts[0], status, ErrorCode=code)
        assert (await phone.post(path, report_)).status_code == 200
    assert await team.status(id) == ("delivered", None)
    [one] = await team.listed("delivered")
    assert (one["code"], one["reason"]) == (None, None)


async def test_a_report_tells_of_a_message_whose_answer_was_lost(phone, team, twilio, clock):
    await phone.send("Hello")
    twilio.forgets_answer = True
    id = await team.say()
    path = twilio.texts[0]["StatusCallback"].removeprefix(SITE)
    await phone.post(path, report(twilio, twilio.texts[0], "delivered"))
    assert await team.status(id) == ("delivered", None)
    clock.advance(timedelta(seconds=200))
    await team.later()
    assert len(twilio.texts) == 1


async def test_what_twilio_has_never_seen_is_sent_once(phone, team, twilio, clock):
    await phone.send("Hello")
    twilio.instead = [("POST ", answers(500))]
    id = await team.say("Never seen by Twilio")
    clock.advance(timedelta(seconds=200))
    await team.later()
    await team.later()
    assert [one["Body"] for one in twilio.texts] == ["Never seen by Twilio"]
    assert await team.status(id) == ("sent", None)


async def test_long_answers_come_in_numbered_parts_in_their_order(phone, team, twilio):
    await phone.send("Hello")
    await team.say("word " * 700)
    assert [one["Body"][:6] for one in twilio.texts] == ["(1/3) ", "(2/3) ", "(3/3) "]
    assert all(len(one["Body"]) <= 1500 for one in twilio.texts)


async def test_the_brake_holds_and_an_admin_lets_go_or_gives_up(phone, team, twilio, api, base, project, bob):
    settings = {"conversations_settings": {"sms_limit_per_number": 1}}
    await api.patch(f"/api/projects/{project.id}/", json=settings)
    await phone.send("Hello")
    await team.say("One")
    second, third = await team.say("Two"), await team.say("Three")
    assert [one["Body"] for one in twilio.texts] == ["One"]
    status, detail = await team.status(second)
    assert status == "sending" and detail.startswith("Held: many messages to this number")
    path, held = f"{base}/sms_messages", await team.listed("held")
    assert (await bob.client.post(f"{path}/resume", json={})).status_code == 403
    first_id = next(one["id"] for one in held if one["message_id"] == second)
    assert (await api.post(f"{path}/resume", json={"ids": [first_id]})).json() == {"count": 1}
    assert (await api.post(f"{path}/cancel", json={})).json() == {"count": 1}
    await team.queue.drain()
    assert [one["Body"] for one in twilio.texts] == ["One", "Two"]
    assert await team.status(third) == ("failed", "Your team gave it up.")


async def test_a_bad_state_is_refused_and_others_see_nothing(team, api, base, mallory, line):
    answer = await api.get(f"{base}/sms_messages?state=lost")
    assert (answer.status_code, answer.json()["attr"]) == (400, "state")
    assert (await mallory.client.get(f"{base}/sms_messages")).status_code in (403, 404)
