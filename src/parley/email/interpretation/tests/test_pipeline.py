"""Mails become tickets and messages."""

import asyncio
from collections import Counter
from uuid import UUID

import pytest

from parley.email.inbound.tests.mailbox import mail, make_mailbox, proof
from parley.email.interpretation.actions.interpreting import interpret
from parley.email.threading.actions import remember_sent
from parley.email.threading.rules import own_message_id, reply_address
from tests.plain_browser import window_of

ID = "<first@example.com>"


async def messages_of(desk, key):
    found = (await desk.client.get(f"{desk.tickets}{key}/messages/")).json()["results"]
    return [(one["content"], one["author_type"], one["author_email"]) for one in found]


async def test_a_mail_opens_a_ticket(mailbox, desk):
    raw = mail("Hello there\n", cc="Bob <bob@example.com>, support@example.org", message_id=ID)
    row = await mailbox.get(raw, authentication=proof())
    assert (row.state, row.reason, row.ticket_number, row.deliveries) == ("stored", None, 1, 1)
    assert (row.subject, row.from_address, row.message_id) == (
        "A question",
        "ada@example.com",
        "first@example.com",
    )
    assert row.is_authenticated
    ticket = (await desk.listed())["results"][0]
    expected = {
        "status": "new",
        "channel_source": "email",
        "distinct_id": "ada@example.com",
        "anonymous_traits": {"name": "Ada", "email": "ada@example.com"},
        "email_subject": "A question",
        "email_from": "ada@example.com",
        "email_to": mailbox.channel.from_email,
        "cc_participants": ["support@example.org", "bob@example.com"],
        "unread_team_count": 1,
        "message_count": 1,
        "last_message_text": "Hello there",
        "identity_verified": True,
    }
    assert {name: ticket[name] for name in expected} == expected
    assert await messages_of(desk, 1) == [("Hello there", "customer", "ada@example.com")]


async def test_own_addresses_take_no_part(mailbox, desk):
    to = f"{mailbox.channel.from_email}, {mailbox.address}, ada@example.com, Bob <bob@example.com>"
    await mailbox.get(mail(to=to), authentication=proof())
    assert (await desk.listed())["results"][0]["cc_participants"] == ["bob@example.com"]


async def test_a_sender_without_proof_adds_nobody(mailbox, desk):
    row = await mailbox.get(mail(cc="bob@example.com"), authentication=proof(result="fail"))
    ticket = (await desk.listed())["results"][0]
    assert (ticket["cc_participants"], ticket["identity_verified"]) == ([], False)
    assert row.is_authenticated is False


@pytest.mark.parametrize(
    "sender",
    [
        "From: agent@example.com\r\nFrom: eve@example.com",
        "From : agent@example.com\r\nFrom: eve@example.com",
        "From: agent@example.com\r\nFrom: agent@example.com",
        "From: agent@example.com, eve@example.com",
        "From: <agent@example.com> <eve@example.com>",
    ],
)
async def test_a_proof_of_a_domain_proves_no_author_where_the_mail_names_two(mailbox, sender):
    raw = mail().replace(b"from: Ada <ada@example.com>", sender.encode(), 1)
    row = await mailbox.get(raw, authentication=proof())
    assert (row.from_address, row.is_authenticated) == ("agent@example.com", False)


async def test_a_mail_comes_in_once_however_often_it_is_delivered(mailbox, desk):
    raw = mail()
    ids = {await mailbox.take(raw) for _ in range(3)}
    assert len(ids) == 1
    ids.add(await mailbox.take(b"Received: by another way\r\n" + raw))
    await mailbox.queue.drain()
    row = await mailbox.get(raw)
    assert (len(ids), row.deliveries, row.state) == (1, 5, "stored")
    assert (await desk.listed())["count"] == 1


async def test_a_mail_to_two_channels_is_one_message(mailbox, services, queue, alice, desk):
    other = await make_mailbox(services, queue, alice, "sales")
    raw = mail()
    first, second = await mailbox.get(raw), await other.get(raw)
    assert (first.state, second.state, second.reason, second.ticket_number) == (
        "stored",
        "ignored",
        "repeat",
        1,
    )
    assert (await desk.listed())["count"] == 1


async def test_mails_that_are_interpreted_at_once_see_each_other(mailbox, services, queue, alice):
    """One mail to two channels is one message, and mails of one thread are one ticket."""
    other = await make_mailbox(services, queue, alice, "sales")
    ids = [f"<{number}.at.once@example.com>" for number in range(5)]
    raw = [mail(message_id=id, references=" ".join(one for one in ids if one != id)) for id in ids]
    rows = [await box.take(one) for one in raw for box in (mailbox, other)]
    await asyncio.gather(*(interpret(services, alice.project_id, id) for id in rows))
    found = [await mailbox.row(id) for id in rows]
    assert Counter(row.state for row in found) == {"stored": 1, "merged": 4, "ignored": 5}
    assert {row.ticket_number for row in found} == {1}


async def test_another_mail_under_the_same_id_is_kept_too(mailbox, desk):
    await mailbox.get(mail("one", message_id=ID))
    same = await mailbox.get(mail("two", message_id=ID))
    stranger = await mailbox.get(mail("three", message_id=ID, sender="eve@example.net"))
    assert (same.state, same.reason) == ("ignored", "repeat")
    assert (stranger.state, stranger.ticket_number) == ("stored", 2)


async def test_an_answer_joins_its_ticket(mailbox, desk):
    await mailbox.get(mail(message_id=ID), authentication=proof())
    await desk.change(1, status="resolved")
    row = await mailbox.get(mail("Thanks", in_reply_to=ID, cc="bob@example.com"), authentication=proof())
    assert (row.state, row.ticket_number) == ("merged", 1)
    ticket = (await desk.listed())["results"][0]
    assert (ticket["status"], ticket["unread_team_count"], ticket["message_count"]) == ("open", 2, 2)
    assert "bob@example.com" in ticket["cc_participants"]
    [*_, last] = await messages_of(desk, 1)
    assert last == ("Thanks", "customer", "ada@example.com")


@pytest.mark.parametrize("reopens", [True, False])
async def test_the_project_decides_whether_an_answer_reopens(mailbox, desk, alice, reopens):
    settings = {"conversations_settings": {"reopen_on_reply": reopens}}
    await alice.client.patch(f"/api/projects/{alice.project_id}/", json=settings)
    await mailbox.get(mail(message_id=ID), authentication=proof())
    await desk.change(1, status="resolved")
    await mailbox.get(mail(in_reply_to=ID), authentication=proof())
    assert (await desk.listed())["results"][0]["status"] == ("open" if reopens else "resolved")


async def test_mails_that_name_the_same_unseen_mail_are_one_thread(mailbox):
    await mailbox.get(mail(references="<never@seen.example>, <other@seen.example>"))
    row = await mailbox.get(mail(references="<other@seen.example>"))
    assert (row.state, row.ticket_number) == ("merged", 1)
    stranger = await mailbox.get(mail(references="<other@seen.example>", sender="eve@example.net"))
    assert (stranger.state, stranger.reason) == ("stored", "unknown_sender")
    assert "#1" in stranger.detail
    late = await mailbox.get(mail(message_id="<never@seen.example>"))
    assert (late.state, late.ticket_number) == ("merged", 1)


async def test_nobody_speaks_as_the_requester_of_a_verified_ticket_without_proof(mailbox, desk):
    await mailbox.get(mail(message_id=ID), authentication=proof())
    forged = await mailbox.get(mail("send it to me", in_reply_to=ID, cc="eve@example.net"))
    assert (forged.state, forged.reason, forged.ticket_number) == ("stored", "unproven_sender", 2)
    assert [len(await messages_of(desk, number)) for number in (1, 2)] == [1, 1]
    assert (await desk.ticket(2))["cc_participants"] == []


async def test_somebody_else_writes_in_their_own_name(mailbox, desk):
    await mailbox.get(mail(message_id=ID))
    await mailbox.get(
        mail(
            "me too", in_reply_to=ID, sender="Support <eve@example.net>", cc="m@example.net, ada@example.com"
        ),
        authentication=proof("example.net"),
    )
    [_, last] = await messages_of(desk, 1)
    assert last == ("me too", "customer", "eve@example.net")
    assert (await desk.ticket(1))["cc_participants"] == []


@pytest.mark.parametrize("is_deleted", [False, True])
@pytest.mark.parametrize("named", ["message_id", "in_reply_to"])
async def test_who_takes_the_id_of_a_newsletter_first_gets_nobodys_answers_to_it(
    mailbox, desk, named, is_deleted
):
    await mailbox.get(mail("spam", sender="eve@example.net", **{named: ID}))
    if is_deleted:
        await desk.delete(1)
    answer = await mailbox.get(mail("A question", in_reply_to=ID), authentication=proof())
    assert (answer.state, answer.ticket_number) == ("stored", 2)
    assert answer.reason == (None if is_deleted else "unknown_sender")


async def test_a_participant_writes_in_their_name(mailbox, desk):
    await mailbox.get(mail(message_id=ID, cc="Bob <bob@example.com>", to=None), authentication=proof())
    await mailbox.get(mail("hi", in_reply_to=ID, sender="Robert <bob@example.com>"), authentication=proof())
    [_, last] = await messages_of(desk, 1)
    assert last == ("hi", "customer", "bob@example.com")


async def test_a_reply_address_needs_its_signature_and_a_sender_who_belongs(mailbox, desk, services):
    await mailbox.get(mail())
    token = mailbox.channel.inbound_token
    address = reply_address(services.vault, token, 1, "inbound.localhost")
    joined = await mailbox.get(mail(to=address), recipient=address)
    assert (joined.state, joined.ticket_number) == ("merged", 1)
    stranger = await mailbox.get(mail(sender="eve@example.net"), recipient=address)
    assert (stranger.state, stranger.reason) == ("stored", "unknown_sender")
    forged = await mailbox.get(mail(), recipient=address.replace("+1-", "+2-"))
    assert (forged.state, forged.reason) == ("stored", None)


async def test_a_number_in_the_subject_counts_for_proven_senders_of_the_ticket_only(mailbox):
    await mailbox.get(mail())
    proven = await mailbox.get(mail(subject="Re: #1"), authentication=proof())
    assert (proven.state, proven.ticket_number) == ("merged", 1)
    for raw in (mail(subject="Re: #1"), mail(subject="order #1", sender="eve@example.net")):
        row = await mailbox.get(raw)
        assert (row.state, row.reason) == ("stored", None)


async def test_an_answer_to_our_mail_joins_by_its_signed_id(mailbox, desk, services, database, project):
    await mailbox.get(mail())
    said = await desk.say({"id": (await desk.ticket(1))["id"]}, "answer")
    own = own_message_id(services.vault, project.id, UUID(said["id"]), "example.org")
    row = await mailbox.get(mail(in_reply_to=f"<{own}>"))
    assert (row.state, row.ticket_number) == ("merged", 1)
    ticket_id = UUID((await desk.ticket(1))["id"])
    async with database.transaction() as db:
        await remember_sent(db, project.id, ticket_id, UUID(said["id"]), "plain@x", services.clock.now())
    row = await mailbox.get(mail(references="<plain@x>"))
    assert (row.state, row.ticket_number) == ("merged", 1)
    echo = await mailbox.get(mail(message_id=f"<{own}>"))
    assert (echo.state, echo.reason) == ("ignored", "own_mail")


async def test_a_merged_ticket_gets_its_answers_in_the_target(mailbox, desk):
    await mailbox.get(mail(message_id=ID))
    await desk.open(message="target", email="bob@example.com")
    await desk.client.post(f"{desk.tickets}1/merge/", json={"into": 2})
    row = await mailbox.get(mail("to the target", in_reply_to=ID), authentication=proof())
    assert (row.state, row.ticket_number) == ("merged", 2)
    await desk.client.post(f"{desk.tickets}1/unmerge/")
    assert [text for text, *_ in await messages_of(desk, 1)] == ["Hello", "to the target"]
    row = await mailbox.get(mail("back", references=ID))
    assert row.ticket_number == 1


async def test_a_deleted_thread_swallows_its_answers(mailbox, desk):
    await mailbox.get(mail(message_id=ID))
    await desk.delete(1)
    row = await mailbox.get(mail(in_reply_to=ID))
    assert (row.state, row.reason, row.ticket_number) == ("ignored", "deleted_thread", 1)
    assert (await desk.listed())["count"] == 0


async def test_a_mail_from_our_own_address_or_with_our_mark_is_ignored(mailbox, services, project):
    from parley.email.threading.rules import loop_mark

    mark = loop_mark(services.vault, project.id)
    for raw in (mail(sender=mailbox.channel.from_email), mail(sender=mailbox.address), mail(x_loop=mark)):
        row = await mailbox.get(raw)
        assert (row.state, row.reason) == ("ignored", "own_mail")
    assert (await mailbox.get(mail(x_loop="parley-0"))).state == "stored"


async def test_a_forged_mail_of_an_agent_is_that_of_a_customer(mailbox, desk, bob):
    await mailbox.get(mail(message_id=ID))
    forged = await mailbox.get(mail("forged", in_reply_to=ID, sender=bob.email, cc="ada@example.com"))
    assert forged.state == "merged"
    proven = await mailbox.get(
        mail("real", in_reply_to=ID, sender=bob.email), authentication=proof(bob.email.split("@")[1])
    )
    assert proven.state == "merged"
    kinds = [(text, kind) for text, kind, _ in await messages_of(desk, 1)]
    assert kinds[1:] == [("forged", "customer"), ("real", "support")]


async def test_a_switched_off_project_keeps_what_comes_in(mailbox, desk, alice):
    settings = {"conversations_settings": {"email_enabled": False}}
    await alice.client.patch(f"/api/projects/{alice.project_id}/", json=settings)
    row = await mailbox.get(mail())
    assert (row.state, row.reason, row.has_raw) == ("rejected", "disabled", True)
    assert (await desk.listed())["count"] == 0


async def test_a_long_mail_is_cut_and_says_so(mailbox, desk):
    await mailbox.get(mail(("word " * 15 + "\n") * 800))
    [(text, *_)] = await messages_of(desk, 1)
    assert len(text) < 50_300
    assert "more characters" in text


async def test_mails_without_id_sender_or_text_are_tickets_too(mailbox, desk):
    for raw in (mail(message_id=None), mail(sender="nobody"), mail(""), b"", b"\x00\xff", b"From: x\r\n\r\n"):
        row = await mailbox.get(raw)
        assert row.state == "stored", row
    assert (await desk.listed())["count"] == 6


async def test_a_flood_of_one_sender_ends_in_the_ledger(mailbox, desk, monkeypatch):
    monkeypatch.setattr("parley.email.interpretation.rules.decision.MOST_PER_HOUR", 2)
    monkeypatch.setattr("parley.email.interpretation.actions.deciding.MOST_PER_HOUR", 2)
    rows = [await mailbox.get(mail()) for _ in range(4)]
    assert [row.reason for row in rows] == [None, None, "too_many", "too_many"]
    proven = await mailbox.get(mail(), authentication=proof())
    assert proven.state == "stored"


async def test_files_come_along(mailbox, desk, services):
    raw = mail(files=[("a.txt", b"some text"), ("b.bin", b"\x00" * 10)])
    await mailbox.get(raw)
    answer = (await desk.client.get(f"{desk.comments}?scope=conversations_ticket")).json()["results"][0]
    attached = answer["item_context"]["attachments"]
    assert [(one["name"], one["size"]) for one in attached] == [("a.txt", 9), ("b.bin", 10)]


async def test_files_that_are_too_many_or_too_large_are_left_out_and_counted(mailbox, desk, monkeypatch):
    monkeypatch.setattr("parley.email.interpretation.actions.filing.MAX_FILE_BYTES", 100)
    files = [(f"{n}.txt", b"x") for n in range(21)] + [("large.txt", b"x" * 101)]
    await mailbox.get(mail(files=files))
    [(text, *_)] = await messages_of(desk, 1)
    assert "2 files" in text


async def test_a_notice_of_absence_is_ignored_and_an_order_is_not(mailbox, desk):
    await mailbox.get(mail(message_id=ID))
    await desk.change(1, status="resolved")
    away = await mailbox.get(mail(in_reply_to=ID, auto_submitted="auto-replied"))
    assert (away.state, away.reason) == ("ignored", "auto_reply")
    alone = await mailbox.get(mail(auto_submitted="auto-replied"))
    assert (alone.state, alone.reason) == ("ignored", "auto_reply")
    order = await mailbox.get(mail(auto_submitted="auto-generated", sender="shop@example.net"))
    assert order.state == "stored"
    listed = await mailbox.get(mail(in_reply_to=ID, list_id="<team.example.com>", precedence="list"))
    assert listed.state == "merged"
    assert (await desk.ticket(1))["status"] == "open"


async def test_an_agents_answer_counts_as_unread_unless_the_customer_has_it(mailbox, desk, bob):
    await mailbox.get(mail(message_id=ID))
    domain = bob.email.split("@")[1]
    await mailbox.get(mail("one", in_reply_to=ID, sender=bob.email), authentication=proof(domain))
    assert (await desk.ticket(1))["unread_customer_count"] == 1
    to_all = mail("two", in_reply_to=ID, sender=bob.email, to="support@example.org, ada@example.com")
    await mailbox.get(to_all, authentication=proof(domain))
    ticket = await desk.ticket(1)
    assert (ticket["unread_customer_count"], ticket["message_count"]) == (1, 3)


async def test_an_answer_keeps_what_it_quotes(mailbox, desk):
    await mailbox.get(mail("Question", message_id=ID))
    whole = "New words\n\nOn Monday somebody wrote:\n> Question\n"
    row = await mailbox.get(mail(whole, in_reply_to=ID))
    path = f"{desk.tickets}1/messages/"
    first, second = (await desk.client.get(path)).json()["results"]
    assert (second["content"], second["has_full_email_content"]) == ("New words", True)
    full = await desk.client.get(f"{path}{row.comment_id}/full_email/")
    assert full.json()["content"].split() == whole.split()
    assert not first["has_full_email_content"]
    assert (await desk.client.get(f"{path}{first['id']}/full_email/")).status_code == 404
    assert (await desk.client.get(f"{path}nonsense/full_email/")).status_code == 404


async def test_the_inbox_shows_the_whole_of_a_mail_on_demand(mailbox, desk, cast):
    await mailbox.get(mail("Question", message_id=ID))
    row = await mailbox.get(mail("New words\n\nOn Monday somebody wrote:\n> <b>Question\n", in_reply_to=ID))
    window = await window_of(cast, cast.alice)
    path = f"/inbox/1/messages/{row.comment_id}/mail"
    thread = (await window.client.get("/inbox/1/messages")).text
    assert thread.count("Show the whole mail") == 1 and path in thread and "Question\n" not in thread
    assert "&gt; &lt;b&gt;Question" in (await window.client.get(path)).text
    theirs = await window_of(cast, cast.mallory)
    assert (await theirs.client.get(path)).status_code == 404
    assert (await window.client.get("/inbox/1/messages/nonsense/mail")).status_code == 404
