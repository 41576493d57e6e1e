"""STOP to one number of a project holds for all of them, also after an erasure, until START."""

from datetime import timedelta

import pytest
import pytest_asyncio
from sqlalchemy import select

from parley.integrations.sms.tables import sms_suppression
from parley.integrations.sms_outbound.tests.test_sending import OPTED_OUT, base, team
from parley.integrations.twilio.tests.double import CUSTOMER, INBOUND, OWN, refusal
from tests.receiver import answers

__all__ = ["base", "team"]
SECOND = "+15005550001"


@pytest_asyncio.fixture
async def second(api, base, account):
    """Another number of the project."""
    about = {"integration_id": account["id"], "phone_number": SECOND}
    answer = await api.post(f"{base}/sms_channels", json=about)
    assert answer.status_code == 201, answer.text
    return answer.json()


@pytest.fixture
def compose(api, base, second):
    async def begin():
        about = {"recipient_phone": CUSTOMER, "sms_channel_id": second["id"], "message": "It left."}
        answer = await api.post(f"{base}/tickets/compose/", json=about)
        return answer.json().get("code", answer.status_code)

    return begin


@pytest.fixture
def erase(api, project):
    async def everything():
        about = {"distinct_id": CUSTOMER}
        return await api.delete(f"/api/projects/{project.id}/personal_data/", params=about)

    return everything


async def test_answers_from_another_number_stop_too(phone, team, twilio, second):
    await phone.send("Hello", To=SECOND)
    await phone.send("STOP", To=OWN)
    id = await team.say()
    assert twilio.texts == [] and await team.status(id) == ("failed", OPTED_OUT)


async def test_what_waits_at_another_number_is_given_up(phone, team, twilio, second):
    await phone.send("Hello", To=SECOND)
    twilio.instead = [("POST ", refusal(429, 20429, "Too many requests"))]
    id = await team.say()
    assert await team.status(id) == ("sending", None)
    await phone.send("STOP", To=OWN)
    assert await team.status(id) == ("failed", OPTED_OUT)


async def test_start_at_any_number_begins_there_and_the_number_that_was_stopped_waits_for_its_own(
    phone, team, twilio, second, compose
):
    await phone.send("Hello", To=SECOND)
    await phone.send("STOP", To=OWN)
    await phone.send("START", To=SECOND)
    await team.say("Welcome back")
    assert [(one["From"], one["Body"]) for one in twilio.texts] == [(SECOND, "Welcome back")]
    listed = (await team.api.get(f"{team.base}/sms_opt_outs")).json()["results"]
    assert [one["own_number"] for one in listed] == [OWN]  # where Twilio refuses, too
    await phone.send("STOP", To=OWN)
    assert await compose() == "opted_out"


async def test_an_attempt_of_which_nothing_is_known_is_not_sent_again_after_stop(phone, team, twilio, clock):
    await phone.send("Hello")
    twilio.instead = [("POST ", answers(500))]
    id = await team.say()
    await phone.send("STOP")
    clock.advance(timedelta(seconds=200))
    await team.later()
    assert twilio.texts == [] and await team.status(id) == ("failed", OPTED_OUT)


async def test_who_said_stop_and_was_erased_gets_nothing_until_start(
    phone, compose, erase, database, project, twilio, team
):
    await phone.send("Hello", To=OWN)
    await phone.send("STOP", To=OWN)
    assert (await erase()).status_code == 200
    stored = select(sms_suppression).where(sms_suppression.c.project_id == project.id)
    async with database.transaction(write=False) as db:
        [row] = (await db.execute(stored)).all()
    assert CUSTOMER[1:] not in str(row) and len(row.digest) == 64
    assert (await erase()).status_code == 404
    assert [await compose(), await compose()] == ["opted_out", "opted_out"]
    await phone.send("A question", To=SECOND)
    id = await team.say(ticket=2)
    assert twilio.texts == [] and await team.status(id) == ("failed", OPTED_OUT)
    assert (await erase()).status_code == 200
    assert await compose() == "opted_out"
    await phone.send("START", To=SECOND)
    assert await compose() == 201
    async with database.transaction(write=False) as db:
        assert (await db.execute(stored)).all() == []


@pytest.mark.parametrize("first", ["STOP", "Hello"])  # the START ended a STOP, or had nothing to end
async def test_a_start_of_before_ends_no_stop_once_its_person_is_erased(phone, compose, erase, twilio, first):
    start = twilio.message("START", 778, To=OWN)
    await phone.send(first, To=OWN)
    assert (await phone.post(INBOUND, start)).status_code == 200
    await phone.send("STOP", To=OWN)
    assert (await erase()).status_code == 200
    assert (await phone.post(INBOUND, start)).status_code == 200
    assert await compose() == "opted_out"
    await phone.send("START", To=OWN)
    assert await compose() == 201


async def test_who_never_said_stop_is_not_kept(phone, erase, compose):
    await phone.send("Hello", To=OWN)
    assert (await erase()).status_code == 200
    assert await compose() == 201


async def test_a_plain_yes_to_another_number_is_an_answer_and_ends_no_stop(phone, team, twilio, second):
    await phone.send("Hello", To=SECOND)
    await phone.send("STOP", To=OWN)
    await phone.send("Yes", To=SECOND)
    id = await team.say()
    assert twilio.texts == [] and await team.status(id) == ("failed", OPTED_OUT)
    await phone.send("START", To=SECOND)
    await team.say("Welcome back")
    assert [one["Body"] for one in twilio.texts] == ["Welcome back"]
