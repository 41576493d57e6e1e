"""Answers of the team go out by mail: which, to whom, and when."""

from datetime import timedelta
from uuid import UUID

import pytest

from parley.conversations.tickets.actions.customers import mark_read_by_customer
from parley.email.outbound.jobs import plan_mails
from parley.email.outbound.tests.dkim_check import is_signed
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import Event

LATER = timedelta(minutes=2, seconds=1)


async def test_an_answer_to_a_mail_goes_out_at_once_signed_and_threaded(post, desk, alice):
    opened = await post.ticket(subject="Order 1001")
    said = await desk.say(opened, "It left.\n\nToday.")
    [mail] = await post.go_out()
    assert mail["From"] == f"Hedgehog Support <{post.channel.from_email}>"
    assert (mail["To"], mail["Cc"], mail["Subject"]) == ("ada@example.com", None, "Order 1001")
    assert mail["Message-ID"].endswith(f"@{post.channel.domain}>") and mail["Auto-Submitted"] is None
    assert mail.get_body(("plain",)).get_content().split() == ["It", "left.", "Today."]
    assert "<p>It left.</p><p>Today.</p>" in mail.get_body(("html",)).get_content()
    assert is_signed(mail, post)
    assert await post.status(said) == "sent"
    await desk.say(opened, "And arrives.")
    second = (await post.go_out())[1]
    assert second["Subject"] == "Re: Order 1001"
    assert second["In-Reply-To"] == second["References"] == mail["Message-ID"]


@pytest.mark.parametrize("context", [{"is_private": True}, {"author_type": "customer"}])
async def test_notes_and_words_of_customers_are_never_mailed(post, desk, context):
    await desk.say(await post.ticket(), "Psst", **context)
    assert await post.go_out() == []


async def test_participants_get_a_copy_and_nobody_gets_two(post, desk, alice):
    opened = await post.ticket()
    for address in ("carol@example.com", "dan@example.com", post.channel.from_email):
        body = {"email": address}
        await alice.client.post(f"{desk.tickets}{opened['id']}/participants/", json=body)
    await desk.say(opened, "Hello")
    [mail] = await post.go_out()
    assert (mail["To"], mail["Cc"]) == ("ada@example.com", "carol@example.com, dan@example.com")


async def test_an_answer_is_planned_once_however_often_its_event_comes(post, desk, services, project):
    opened = await post.ticket()
    said = await desk.say(opened, "Hello")
    await post.go_out()
    event = Event(project.id, new_uuid(), "ticket.answered", {"comment_id": said["id"]}, 0)
    async with services.database.transaction() as db:
        await plan_mails(db, services, event)
    assert len(await post.go_out()) == 1


async def test_an_answer_in_the_widget_is_mailed_when_it_was_not_seen_for_two_minutes(post, desk, clock):
    clock.freeze()
    opened = await desk.open(email="ada@example.com")
    first = await desk.say(opened, "It left.")
    clock.advance(timedelta(minutes=1))
    second = await desk.say(opened, "And arrives.")
    assert await post.go_out() == []
    assert await post.status(first) == await post.status(second) == "sending"
    clock.advance(timedelta(minutes=1, seconds=30))
    assert await post.go_out() == []  # the second one has had half a minute less
    clock.advance(timedelta(seconds=31))
    [mail] = await post.go_out()
    text = mail.get_body(("plain",)).get_content()
    assert text.index("It left.") < text.index("And arrives.") and text.count("Alice Example, ") == 2
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Re: #1")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert await post.status(first) == await post.status(second) == "sent"
    shown = await desk.ticket(1)
    assert (shown["email_from"], shown["email_subject"]) == ("ada@example.com", "#1")
    clock.advance(timedelta(hours=1))
    assert len(await post.go_out()) == 1


async def test_an_answer_that_the_widget_has_shown_is_not_mailed(post, desk, clock, services, project):
    clock.freeze()
    opened = await desk.open(email="ada@example.com")
    seen = await desk.say(opened, "Seen")
    await post.go_out()
    async with services.database.transaction() as db:
        await mark_read_by_customer(db, services, project.id, UUID(opened["id"]))
    unseen = await desk.say(opened, "Unseen")
    clock.advance(LATER)
    [mail] = await post.go_out()
    assert mail.get_body(("plain",)).get_content().startswith("Unseen")
    assert (await post.status(seen), await post.status(unseen)) == (None, "sent")
    await desk.say(opened, "Seen, too")
    await post.go_out()
    async with services.database.transaction() as db:
        await mark_read_by_customer(db, services, project.id, UUID(opened["id"]))
    clock.advance(LATER)
    assert len(await post.go_out()) == 1


async def test_a_burst_that_goes_on_is_mailed_after_ten_minutes(post, desk, clock):
    clock.freeze()
    opened = await desk.open(email="ada@example.com")
    for n in range(11):
        await desk.say(opened, f"Part {n}")
        await post.go_out()
        clock.advance(timedelta(minutes=1))
    assert len(await post.go_out()) == 1


async def test_what_is_edited_or_removed_before_it_goes_out_goes_out_so_or_not_at_all(post, desk, clock):
    clock.freeze()
    opened = await desk.open(email="ada@example.com")
    edited, removed = await desk.say(opened, "Won"), await desk.say(opened, "Two")
    await post.go_out()
    await desk.edit(edited, content="One")
    await desk.edit(removed, deleted=True)
    clock.advance(LATER)
    [mail] = await post.go_out()
    text = mail.get_body(("plain",)).get_content()
    assert text.startswith("One") and "Two" not in text
    alone = await desk.say(opened, "Three")
    await post.go_out()
    await desk.edit(alone, deleted=True)
    clock.advance(LATER)
    assert len(await post.go_out()) == 1


async def test_nothing_is_mailed_about_a_ticket_that_was_deleted(post, desk, clock):
    clock.freeze()
    opened = await desk.open(email="ada@example.com")
    await desk.say(opened, "Hello")
    await post.go_out()
    await desk.delete(1)
    clock.advance(LATER)
    assert await post.go_out() == []


async def test_people_of_merged_tickets_learn_nothing_of_each_other(post, desk, alice, clock):
    theirs = await post.ticket("bob@example.org", distinct_id="bob")
    ours = await post.ticket("ada@example.com", distinct_id="ada")
    await alice.client.post(f"{desk.tickets}{theirs['id']}/merge/", json={"into": ours["id"]})
    await desk.say(ours, "To both")
    both = await post.go_out()
    assert {(mail["To"], mail["Cc"]) for mail in both} == {
        ("ada@example.com", None),
        ("bob@example.org", None),
    }
    assert both[0]["Message-ID"] != both[1]["Message-ID"]
    await alice.client.post(f"{desk.tickets}{theirs['ticket_number']}/reply/", json={"message": "To Bob"})
    assert [mail["To"] for mail in (await post.go_out())[2:]] == ["bob@example.org"]


async def test_a_repeated_answer_is_mailed_once(post, desk):
    opened = await post.ticket()
    first = await desk.say(opened, "Hello")
    await post.go_out()
    assert (await desk.say(opened, "Hello"))["id"] == first["id"]
    assert len(await post.go_out()) == 1


async def test_a_project_without_mail_stores_nothing_for_it(desk, alice, database, project, queue, sent_mail):
    from sqlalchemy import func, select

    from parley.kernel.jobs import outbox

    await desk.say(await desk.open(email="ada@example.com"), "Hello")
    async with database.transaction(write=False) as db:
        mine = select(func.count()).where(outbox.c.project_id == project.id)
        assert (await db.execute(mine)).scalar_one() == 0
