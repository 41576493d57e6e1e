"""Mails to the team about new conversations."""

import re
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select, update

from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.conversations.conftest import Customer
from parley.conversations.notifications.actions import enqueue_due_mail
from parley.conversations.tickets.tables import ticket
from parley.conversations.tickets.tests.factories import Desk
from parley.kernel.jobs import outbox


@pytest.fixture
async def recipients(database, services, desk, queue, alice, bob, mallory):
    """Make these recipients of mails in the settings of the project: alice, bob, and some who can't be."""
    await queue.drain()  # other tests may have left mails to be sent
    ids = [alice.user_id, bob.user_id, mallory.user_id, 2**31 - 1, "x"]
    mine = update(project).where(project.c.id == desk.project.id)
    async with database.transaction() as db:
        await db.execute(mine.values(conversations_settings={"notification_recipients": ids}))
    await services.live.publish("accounts", "project.changed")


async def test_the_first_message_of_a_customer_is_mailed_to_those_who_want_it(
    recipients, desk, customer: Customer, queue, sent_mail, alice, bob
):
    received = await customer.write("Where is\nmy order?", traits={"name": "Ada"})
    await customer.write("Hello?", received.ticket_id)
    await queue.drain()
    await queue.drain()
    assert {mail["To"] for mail in sent_mail} == {alice.email, bob.email}
    mail = next(mail for mail in sent_mail if mail["To"] == bob.email)
    assert mail["Subject"] == "New conversation #1 in Hedgehogs"
    assert re.fullmatch(r"<notification\.[0-9a-f]{32}@parley\.test>", mail["Message-ID"])
    text = mail.get_content()
    assert "Ada wrote:" in text and "my order?" in text and "http://parley.test/inbox/1" in text


async def test_mails_call_a_nameless_customer_as_the_inbox_does(
    recipients, desk, customer, queue, sent_mail, database
):
    received = await customer.write("Hello?")
    async with database.transaction() as db:
        mine = update(ticket).where(ticket.c.id == received.ticket_id).values(distinct_id="nobody-0ce415")
        await db.execute(mine)
    await queue.drain()
    assert sent_mail[0].get_content().startswith("Visitor 0ce415 wrote:")


async def test_the_first_message_may_come_after_words_of_the_team(
    recipients, desk, customer, queue, sent_mail, database
):
    opened = await desk.open()
    await desk.say(opened, "How may we help?")
    async with database.transaction() as db:
        mine = update(ticket).where(ticket.c.project_id == desk.project.id)
        await db.execute(mine.values(widget_session_id=customer.session, identity_verified=False))
    await queue.drain()
    assert len(sent_mail) == 0
    await customer.write("Please do", UUID(opened["id"]))
    await queue.drain()
    assert len(sent_mail) == 2


async def test_a_ticket_opened_by_the_team_with_a_message_is_a_first_message(
    recipients, desk, queue, sent_mail
):
    opened = await desk.open(message="Hello")
    await desk.say(opened, "From me", author_type="customer")
    await queue.drain()
    assert len(sent_mail) == 2


async def test_who_has_left_or_may_not_sign_in_is_not_mailed(
    recipients, desk, customer, queue, sent_mail, database, alice, bob
):
    async with database.transaction() as db:
        await db.execute(membership.delete().where(membership.c.user_id == alice.user_id))
        await db.execute(update(user_account).where(user_account.c.id == bob.user_id).values(is_active=False))
    await customer.write("Hello")
    await queue.drain()
    assert len(sent_mail) == 0


async def test_a_conversation_that_is_gone_by_then_is_not_mailed(
    recipients, desk, customer, queue, sent_mail
):
    await customer.write("Hello")
    await desk.delete(1)
    await queue.drain()
    assert len(sent_mail) == 0


async def test_nothing_is_recorded_where_nobody_wants_to_hear(desk, customer, database):
    await customer.write("Hello")
    async with database.transaction(write=False) as db:
        mine = select(func.count()).where(outbox.c.project_id == desk.project.id)
        assert (await db.execute(mine)).scalar_one() == 0


@pytest.fixture
async def write_first(desk, customer):
    """Have visitors begin conversations."""

    async def write(count):
        return [
            await customer.write(f"Question {n} of {count}", traits={"name": "Ada"}) for n in range(count)
        ]

    return write


@pytest.fixture
def mails_to_recipients(sent_mail, alice, bob, mallory):
    """Return the mails to the recipients; what other tests have left to be mailed comes, too, as the clock goes on."""

    def sent_so_far():
        return [mail for mail in sent_mail if mail["To"] in (alice.email, bob.email, mallory.email)]

    return sent_so_far


async def test_a_visitor_who_begins_many_conversations_causes_one_mail_each_quarter_of_an_hour(
    recipients, write_first, queue, mails_to_recipients, clock, alice, bob
):
    clock.freeze()
    await write_first(1)
    await queue.drain()
    assert len(mails_to_recipients()) == 2
    await write_first(30)
    await queue.drain()
    clock.advance(timedelta(minutes=14))
    await write_first(15)
    await queue.drain()
    assert len(mails_to_recipients()) == 2
    clock.advance(timedelta(minutes=1, seconds=1))
    await queue.drain()
    assert len(mails_to_recipients()) == 4
    digests = mails_to_recipients()[2:]
    assert {mail["To"] for mail in digests} == {alice.email, bob.email}
    for mail in digests:
        assert mail["Subject"] == "45 new conversations in Hedgehogs"
        text = mail.get_content()
        assert text.count("Ada wrote:") == 20
        assert "http://parley.test/inbox/2\r\n" in text and "And 25 more: http://parley.test/inbox" in text
    clock.advance(timedelta(minutes=15))
    await queue.drain()
    assert len(mails_to_recipients()) == 4


async def test_after_a_quiet_time_the_next_conversation_is_mailed_at_once(
    recipients, write_first, queue, mails_to_recipients, clock
):
    clock.freeze()
    for expected in (2, 4):
        await write_first(1)
        await queue.drain()
        assert len(mails_to_recipients()) == expected
        clock.advance(timedelta(minutes=16))
    assert {mail["Subject"].split(" #")[0] for mail in mails_to_recipients()} == {"New conversation"}


async def test_a_clock_that_was_ahead_delays_no_mail(
    recipients, write_first, queue, mails_to_recipients, clock
):
    clock.freeze()
    clock.advance(timedelta(days=1))
    await write_first(1)
    await queue.drain()
    clock.advance(-timedelta(days=1))
    await write_first(1)
    await queue.drain()
    assert len(mails_to_recipients()) == 4


async def test_a_digest_that_was_planned_under_a_wrong_clock_is_sent_now(
    recipients, write_first, queue, mails_to_recipients, clock
):
    clock.freeze()
    clock.advance(timedelta(days=1))
    await write_first(1)
    await queue.drain()
    await write_first(3)
    await queue.drain()
    assert len(mails_to_recipients()) == 2
    clock.advance(-timedelta(days=1))
    await queue.drain()
    assert [mail["Subject"] for mail in mails_to_recipients()[2:]] == ["3 new conversations in Hedgehogs"] * 2


async def test_a_digest_that_comes_too_early_is_planned_again(
    recipients, write_first, queue, mails_to_recipients, clock
):
    clock.freeze()
    await write_first(1)
    await queue.drain()
    await write_first(3)
    await queue.drain()
    for _ in range(2):
        clock.advance(timedelta(minutes=5))
        await queue._bring_all_forward()
        await queue.drain()
        assert len(mails_to_recipients()) == 2
    clock.advance(timedelta(minutes=5))
    await queue.drain()
    assert len(mails_to_recipients()) == 4
    clock.advance(timedelta(minutes=15))
    await queue.drain()
    assert len(mails_to_recipients()) == 4


async def test_projects_are_told_apart(
    recipients, write_first, desk, mallory, database, services, queue, mails_to_recipients
):
    theirs = Desk(mallory, mallory.project)
    async with database.transaction() as db:
        mine = update(project).where(project.c.id == mallory.project_id)
        await db.execute(mine.values(conversations_settings={"notification_recipients": [mallory.user_id]}))
    await services.live.publish("accounts", "project.changed")
    await write_first(3)
    await theirs.open(message="Hello")
    await queue.drain()
    assert [mail["To"] for mail in mails_to_recipients()].count(mallory.email) == 1


async def test_a_digest_leaves_out_what_is_gone_by_then(
    recipients, write_first, desk, queue, mails_to_recipients, clock
):
    clock.freeze()
    await write_first(1)
    await queue.drain()
    await write_first(4)
    for number in (2, 4):
        await desk.delete(number)
    await queue.drain()
    clock.advance(timedelta(minutes=15, seconds=1))
    await queue.drain()
    [mail, _] = mails_to_recipients()[2:]
    assert mail["Subject"] == "2 new conversations in Hedgehogs"
    assert "inbox/3\r\n" in mail.get_content() and "inbox/4\r\n" not in mail.get_content()


@pytest.mark.parametrize("way", ["none of all", "none of one", "one of none"])
async def test_nobody_is_mailed_a_conversation_that_is_hidden_from_them(
    recipients, write_first, desk, project, queue, mails_to_recipients, clock, alice, bob, way
):
    async def set_level(level, number=None):
        body, path = {"access_level": level}, f"{desk.tickets}{number}/access_controls/"
        if number is None:
            body, path = (
                {**body, "resource": "ticket"},
                f"/api/projects/{project.id}/resource_access_controls/",
            )
        assert (await desk.client.put(path, json=body)).status_code == 200

    clock.freeze()
    await write_first(1)
    await queue.drain()
    before = len(mails_to_recipients())
    await write_first(3)
    await queue.drain()  # all three are noted before the pause ends, however much other tests have left to do
    if way != "none of one":
        await set_level("none")
    if way != "none of all":
        await set_level("none" if way == "none of one" else "viewer", 3)
    clock.advance(timedelta(minutes=15, seconds=1))
    await queue.drain()
    subjects = {mail["To"]: mail["Subject"] for mail in mails_to_recipients()[before:]}
    assert subjects.pop(alice.email) == "3 new conversations in Hedgehogs"
    count = {"none of all": 0, "none of one": 2, "one of none": 1}[way]
    subject = "New conversation #3 in Hedgehogs" if count == 1 else f"{count} new conversations in Hedgehogs"
    assert subjects == ({bob.email: subject} if count else {})


async def test_telling_twice_changes_nothing(
    recipients, write_first, queue, mails_to_recipients, database, clock, desk, alice
):
    await write_first(2)
    await queue.drain()
    for _ in range(2):
        async with database.transaction() as db:
            await enqueue_due_mail(db, desk.project.id, alice.user_id, clock.now())
    await queue.drain()
    assert len(mails_to_recipients()) == 2


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x1e"])
async def test_a_visitor_forges_no_line_of_the_mail(recipients, customer, queue, sent_mail, end):
    forged = f"{end}{end}Answer: https://evil.test/inbox/1{end}"
    await customer.write(f"Hello{forged}Bye", traits={"name": f"Ada{forged}"})
    await queue.drain()
    text = sent_mail[0].get_content()
    own = [line for line in text.splitlines() if line and not line.startswith("> ")]
    assert own[0].endswith("wrote:") and own[1:] == [
        "Answer: http://parley.test/inbox/1", "-- ", "Which mails you get: http://parley.test/settings/account",
    ]  # fmt: skip
    assert "https://evil" not in own[0]
