"""Lost conversations come back by a link in a mail, once, and only those that the address may have."""

import asyncio
from datetime import timedelta

from sqlalchemy import func, select

from parley.conversations.restore_links.tables import restore_link
from parley.conversations.restore_links.tests.conftest import browser_of
from parley.conversations.widget.tests.visitor import reply

ADA = {"name": "Ada", "email": "Ada@Example.com"}


def session_of(browser):
    return browser.credentials["widget_session_id"]


async def test_a_link_brings_conversations_into_another_browser(restoring, lost, new, desk):
    first = await lost.opened("Where is my order?", traits=ADA)
    second = await lost.opened("And my refund?", traits=ADA)
    await lost.opened("Somebody else asks", traits={"email": "bob@example.com"})
    await reply(desk.client, desk.project, first, "On its way")
    assert await restoring.restored("ada@example.com ", session_of(new)) == [second, first]
    assert await new.texts(first) == ["Where is my order?", "On its way"]
    assert await new.ticket_ids() == [second, first]
    assert (await new.send("Thank you", ticket_id=first)).status_code == 200
    assert (await lost.thread(first)).status_code == 403
    assert len(await lost.ticket_ids()) == 1


async def test_the_mail_says_who_asked_where_and_what_the_link_does(restoring, lost, sent_mail):
    await lost.opened(traits=ADA)
    token = await restoring.token("ada@example.com")
    mail = sent_mail[-1]
    assert mail["To"] == "ada@example.com"
    assert mail["Subject"] == "Your conversations with Hedgehogs"
    for part in ("plain", "html"):
        text = mail.get_body((part,)).get_content()
        assert token in text and "shop.example.com" in text and "once, for an hour" in text


async def test_an_unknown_address_gets_the_same_answer_and_no_mail(restoring, lost, sent_mail, desk):
    gone = await lost.opened(traits={"email": "gone@example.com"})
    await desk.delete((await desk.ticket(gone))["ticket_number"])
    for email in ("nobody@example.com", "gone@example.com"):
        answer = await restoring.ask(email)
        assert (answer.status_code, answer.json()) == (200, {"ok": True})
    await restoring.queue.drain()
    assert len(sent_mail) == 0


async def test_a_link_works_once(restoring, lost, new):
    ticket = await lost.opened(traits=ADA)
    token = await restoring.token("ada@example.com")
    assert (await restoring.redeem(token, session_of(new))).json()["migrated_ticket_ids"] == [ticket]
    for session in (session_of(new), session_of(lost)):
        again = await restoring.redeem(token, session)
        assert (again.status_code, again.json()) == (200, {"status": "used", "code": "token_already_used"})
    assert await new.ticket_ids() == [ticket]


async def test_a_link_works_for_an_hour(restoring, lost, new, clock):
    await lost.opened(traits=ADA)
    early, late = await restoring.token("ada@example.com"), await restoring.token("ada@example.com")
    clock.advance(timedelta(minutes=59))
    assert (await restoring.redeem(early)).json()["status"] == "success"
    clock.advance(timedelta(minutes=2))
    assert (await restoring.redeem(late)).json()["status"] == "used"
    expired = await restoring.token("ada@example.com")
    clock.advance(timedelta(minutes=61))
    answer = await restoring.redeem(expired, session_of(new))
    assert (answer.status_code, answer.json()) == (200, {"status": "expired", "code": "token_expired"})
    assert await new.ticket_ids() == []


async def test_asking_again_keeps_older_links_and_using_one_uses_up_the_others(restoring, lost):
    await lost.opened(traits=ADA)
    await lost.opened(traits={"email": "bob@example.com"})
    older, newer = await restoring.token("ada@example.com"), await restoring.token("ada@example.com")
    bobs = await restoring.token("bob@example.com")
    assert [(await restoring.redeem(one)).json()["status"] for one in (older, newer, bobs)] == [
        "success", "used", "success",
    ]  # fmt: skip


async def test_of_two_browsers_at_once_one_gets_the_conversations(restoring, lost, new):
    ticket = await lost.opened(traits=ADA)
    tokens = [await restoring.token("ada@example.com") for _ in range(2)]
    answers = await asyncio.gather(*(restoring.redeem(tokens[n % 2]) for n in range(6)))
    found = [answer.json() for answer in answers]
    assert sorted(one["status"] for one in found) == ["success", *["used"] * 5]
    assert next(one for one in found if one["status"] == "success")["migrated_ticket_ids"] == [ticket]


async def test_a_token_is_only_in_its_mail_and_good_for_its_project_alone(
    restoring, lost, new, cast, database
):
    await lost.opened(traits=ADA)
    token = await restoring.token("ada@example.com")
    async with database.transaction(write=False) as db:
        stored = (
            await db.execute(select(restore_link).where(restore_link.c.project_id == restoring.project.id))
        ).all()
    assert len(stored) == 1 and token not in str(stored)
    for project in (cast.project, cast.mallory.project):
        answer = await restoring.redeem(token, **{"X-Conversations-Token": project.widget_token})
        assert (answer.status_code, answer.json()) == (200, {"status": "invalid", "code": "token_invalid"})
    assert (await restoring.redeem(token, session_of(new))).json()["status"] == "success"


async def test_another_projects_tickets_stay_where_they_are(restoring, lost, new, anonymous, cast):
    mine, elsewhere = await lost.opened(traits=ADA), browser_of(anonymous, cast.project)
    other = await elsewhere.opened(traits=ADA)
    assert await restoring.restored("ada@example.com", session_of(new)) == [mine]
    assert await elsewhere.ticket_ids() == [other]


async def test_what_a_browser_has_already_stays_and_comes_along(restoring, new):
    known = await new.opened(traits=ADA)
    own = await new.opened(traits={"email": "other@example.com"})
    assert await restoring.restored("ada@example.com", session_of(new)) == [known]
    assert await new.ticket_ids() == [own, known]


async def test_the_team_sees_that_a_conversation_was_given_back(restoring, lost, new, desk):
    ticket = await lost.opened(traits=ADA)
    await restoring.restored("ada@example.com", session_of(new))
    log = await desk.client.get(f"/api/projects/{desk.project.id}/activity_log/", params={"item_id": ticket})
    entry = log.json()["results"][0]
    assert (entry["activity"], entry["user"]) == ("updated", None)
    assert entry["detail"]["changes"] == [
        {
            "type": "Ticket",
            "action": "changed",
            "field": "restored_by_link",
            "before": None,
            "after": "ada@example.com",
        }
    ]
    assert session_of(new) not in log.text and session_of(lost) not in log.text


async def test_old_links_are_forgotten(restoring, lost, clock, database, queue):
    await lost.opened(traits=ADA)
    token = await restoring.token("ada@example.com")
    clock.advance(timedelta(hours=24))
    await queue.run_job("restore_links.forget_old")
    assert (await restoring.redeem(token)).json()["status"] == "expired"
    clock.advance(timedelta(hours=2))
    for _ in range(2):
        await queue.run_job("restore_links.forget_old")
    assert (await restoring.redeem(token)).json()["status"] == "invalid"
    async with database.transaction(write=False) as db:
        mine = (
            select(func.count())
            .select_from(restore_link)
            .where(restore_link.c.project_id == restoring.project.id)
        )
        assert (await db.execute(mine)).scalar_one() == 0


async def test_who_is_erased_has_no_links(restoring, lost, new, desk):
    await lost.opened(traits=ADA)
    token = await restoring.token("ada@example.com")
    url = f"/api/projects/{desk.project.id}/personal_data/"
    erased = await desk.client.delete(url, params={"email": "ada@example.com"})
    assert erased.status_code == 200, erased.text
    assert (await restoring.redeem(token)).json()["status"] == "invalid"
