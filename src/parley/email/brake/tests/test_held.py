"""What the brake holds, and what admins do with it."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from parley.accounts.projects.tables import project as project_table

EMAILS = "/api/projects/@current/conversations/outbound_emails/"


@pytest.fixture
async def limits(services, project, channel):
    """Set limits of the project."""

    async def set_limits(**limits):
        mine = update(project_table).where(project_table.c.id == project.id)
        async with services.database.transaction() as db:
            await db.execute(mine.values(conversations_settings={"email_enabled": True, **limits}))
        await services.live.publish("accounts", "project.changed")

    return set_limits


async def held(member, state="held"):
    answer = await member.client.get(EMAILS, params={"state": state})
    assert answer.status_code == 200, answer.text
    return answer.json()["results"]


@pytest.mark.parametrize(
    ("limit", "reason", "tickets"),
    [
        (
            "email_limit_per_recipient",
            "recipient_limit",
            ("ada@example.com", "ada@example.com", "b@example.com"),
        ),
        ("email_limit_per_ticket", "ticket_limit", ("ada@example.com",)),
        ("email_limit_per_project", "project_limit", ("a@example.com", "b@example.com", "c@example.com")),
    ],
)
async def test_more_than_the_limit_is_held_until_somebody_resumes(
    post, desk, alice, limits, limit, reason, tickets
):
    await limits(**{limit: 2})
    opened = [await post.ticket(address, distinct_id=f"d{n}") for n, address in enumerate(tickets)]
    said = [
        await desk.say(opened[min(n, len(opened) - 1) if len(opened) == 3 else 0], f"No. {n}")
        for n in range(2)
    ]
    last = await desk.say(opened[0], "One more")
    assert len(await post.go_out()) == 2
    [one] = await held(alice)
    assert (one["reason"], one["message_ids"]) == (reason, [last["id"]])
    assert [await post.status(one) for one in (*said, last)] == ["sent", "sent", "sending"]
    answer = await alice.client.post(f"{EMAILS}resume/", json={})
    assert answer.json() == {"resumed": 1}
    assert len(await post.go_out()) == 3
    assert await held(alice) == [] and await post.status(last) == "sent"


async def test_a_stopped_project_stays_stopped_and_a_ticket_keeps_its_order(post, desk, alice, limits, clock):
    clock.freeze()
    await limits(email_limit_per_ticket=1)
    opened = await post.ticket()
    for n in range(2):
        await desk.say(opened, f"No. {n}")
    await post.go_out()
    clock.advance(timedelta(hours=2))
    await desk.say(opened, "No. 2")
    assert len(await post.go_out()) == 1
    assert [one["reason"] for one in await held(alice)] == ["behind_held", "ticket_limit"]
    await alice.client.post(f"{EMAILS}resume/", json={})
    texts = [mail.get_body(("plain",)).get_content().strip() for mail in await post.go_out()]
    assert texts == ["No. 0", "No. 1", "No. 2"]
    await limits(email_limit_per_project=0)
    await desk.say(opened, "No. 3")
    await post.go_out()
    await limits()
    clock.advance(timedelta(hours=2))
    await desk.say(await post.ticket("b@example.com", distinct_id="b"), "No. 4")
    assert len(await post.go_out()) == 3


async def test_held_mail_can_be_given_up(post, desk, alice, limits):
    await limits(email_limit_per_project=0)
    said = [await desk.say(await post.ticket(), f"No. {n}") for n in range(2)]
    await post.go_out()
    newest, oldest = await held(alice)
    assert (await alice.client.post(f"{EMAILS}cancel/", json={"ids": [oldest["id"]]})).json() == {
        "cancelled": 1
    }
    assert (await alice.client.post(f"{EMAILS}cancel/", json={"ids": [oldest["id"]]})).json() == {
        "cancelled": 0
    }
    assert [one["id"] for one in await held(alice)] == [newest["id"]]
    assert [await post.status(one) for one in said] == [None, "sending"]
    [gone] = await held(alice, "cancelled")
    assert (gone["reason"], gone["recipients"][0]["state"]) == ("by_team", "waiting")


async def test_only_admins_of_the_project_see_and_free_its_mail(post, desk, alice, bob, mallory, limits):
    await limits(email_limit_per_project=0)
    await desk.say(await post.ticket(), "Hello")
    await post.go_out()
    [one] = await held(alice)
    mine = EMAILS.replace("@current", str(alice.project_id))
    for member in (bob, mallory):
        assert (await member.client.get(mine)).status_code in (403, 404)
        for verb in ("resume", "cancel"):
            assert (await member.client.post(f"{mine}{verb}/", json={})).status_code in (403, 404)
    assert await held(mallory) == []
    for verb in ("resume", "cancel"):
        theirs = await mallory.client.post(f"{EMAILS}{verb}/", json={"ids": [one["id"]]})
        assert set(theirs.json().values()) == {0}
    assert len(await held(alice)) == 1


@pytest.mark.parametrize("body", [{"ids": []}, {"ids": ["x"]}, {"ids": [None]}, {"ids": "x"}, []])
@pytest.mark.parametrize("verb", ["resume", "cancel"])
async def test_a_bad_body_is_refused(alice, verb, body):
    assert (await alice.client.post(f"{EMAILS}{verb}/", json=body)).status_code == 400
