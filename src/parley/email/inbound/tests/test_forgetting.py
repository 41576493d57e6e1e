"""Raw mails and rows of the ledger are forgotten: by the clock, with their tickets, and with people."""

from datetime import timedelta

import pytest

from parley.conversations.deletion.actions import purge_some
from parley.email.inbound.actions.forgetting import forget_old_raw
from parley.email.inbound.jobs import start_clearing, start_forgetting
from parley.email.inbound.rules.retention import kept_days
from parley.email.inbound.tests.mailbox import mail, make_mailbox
from parley.kernel.ids import new_uuid
from parley.kernel.storage.errors import NoSuchObject
from parley.kernel.storage.keys import object_key


async def raw_of(services, row, project_id):
    return await services.storage.read(f"{project_id}/inbound/{row.id.hex}", 10**6)


@pytest.mark.parametrize(("days", "kept"), [(89, True), (91, False)])
async def test_raw_mails_are_kept_for_ninety_days(mailbox, services, clock, days, kept, alice):
    stored = await mailbox.get(mail())
    ignored = await mailbox.get(mail(sender=mailbox.channel.from_email))
    now = services.clock.now() + timedelta(days=days)
    async with services.database.transaction() as db:
        gone = await forget_old_raw(db, alice.project_id, now, kept_days({}))
        assert gone == (0 if kept else 2)
        assert await forget_old_raw(db, alice.project_id, now, kept_days({})) == 0 or kept
    await mailbox.queue.drain()
    for row in (stored, ignored):
        assert (await mailbox.row(row.id)).has_raw is kept
        if kept:
            assert await raw_of(services, row, alice.project_id)
        else:
            with pytest.raises(NoSuchObject):
                await raw_of(services, row, alice.project_id)


async def test_each_project_says_for_how_long(mailbox, services, alice, clock, queue):
    path = f"/api/projects/{alice.project_id}/"
    for wrong in (0, -1, 4000, "x", True):
        answer = await alice.client.patch(
            path, json={"conversations_settings": {"inbound_mail_kept_days": wrong}}
        )
        assert answer.status_code == 400, wrong
    await alice.client.patch(path, json={"conversations_settings": {"inbound_mail_kept_days": 2}})
    row = await mailbox.get(mail())
    for days, kept in ((1, True), (2, False)):
        clock.advance(timedelta(days=days))
        async with services.database.transaction() as db:
            await start_forgetting(db, services)
        await queue.drain()
        assert (await mailbox.row(row.id)).has_raw is kept


async def test_a_purged_ticket_takes_its_mails_along(mailbox, services, queue, desk, alice):
    row = await mailbox.get(mail())
    await desk.delete(1)
    async with services.database.transaction() as db:
        later = services.clock.now() + timedelta(days=15)
        assert await purge_some(db, services, alice.project_id, later) == 1
    await queue.drain()
    found = await mailbox.row(row.id)
    assert (found.from_address, found.subject, found.has_raw, found.reason) == ("", "", False, "erased")
    assert found.ticket_id is None
    with pytest.raises(NoSuchObject):
        await raw_of(services, row, alice.project_id)
    again = await mailbox.get(mail())
    assert again.state == "stored"


async def test_who_is_erased_is_erased_from_the_ledger_too(mailbox, services, queue, alice, mallory):
    elsewhere = await make_mailbox(services, queue, mallory)
    theirs = await elsewhere.get(mail())
    first = await mailbox.get(mail(sender="Ada <ADA@example.com>"))
    ignored = await mailbox.get(mail(auto_submitted="auto-replied", in_reply_to="<x@y>"))
    other = await mailbox.get(mail(sender="bob@example.com"))
    path = f"/api/projects/{alice.project_id}"
    exported = await alice.client.get(f"{path}/personal_data/?email=ada@example.com")
    assert [one["id"] for one in exported.json()["inbound_mails"]] == [str(first.id), str(ignored.id)]
    erased = await alice.client.delete(f"{path}/personal_data/?email=ada@example.com")
    assert erased.json()["inbound_mails"] == 2, erased.text
    await queue.drain()
    for row in (first, ignored):
        found = await mailbox.row(row.id)
        assert (found.from_address, found.message_id, found.has_raw) == ("", None, False)
        with pytest.raises(NoSuchObject):
            await raw_of(services, row, alice.project_id)
    assert (await mailbox.row(other.id)).from_address == "bob@example.com"
    assert (await elsewhere.row(theirs.id)).has_raw
    assert await mailbox.take(mail(sender="ada@example.com")) != first.id
    replayed = await alice.client.post(f"{path}/conversations/inbound_messages/{ignored.id}/replay/")
    assert replayed.json()["code"] == "raw_gone"


async def test_a_raw_mail_without_a_row_is_cleared_a_day_later(mailbox, services, queue, clock, alice):
    row = await mailbox.get(mail())
    orphan = object_key(alice.project_id, "inbound", new_uuid())
    await services.storage.put(orphan, mail())
    for days, is_there in ((0, True), (1, False), (0, False)):
        clock.advance(timedelta(days=days, minutes=1))
        async with services.database.transaction() as db:
            await start_clearing(db, services)
        await queue.drain()
        assert await raw_of(services, row, alice.project_id)
        if is_there:
            assert await services.storage.read(orphan, 1)
        else:
            with pytest.raises(NoSuchObject):
                await services.storage.read(orphan, 1)
