"""Somebody is erased: no mail remembers their address."""

from datetime import timedelta

from sqlalchemy import func, select

from parley.email.outbound.actions.bounces import note_bounce
from parley.email.outbound.tables import outbound_email, outbound_recipient
from parley.email.outbound.tests.test_bounces import bounce_of
from parley.email.reply_routes.tables import outbound_address


async def test_an_erased_address_is_in_no_mail_and_gets_none_that_waits(
    post, desk, alice, database, services, clock
):
    opened = await post.ticket()
    path = f"{desk.tickets}{opened['id']}/participants/"
    await alice.client.post(path, json={"email": "carol@example.com"})
    await desk.say(opened, "Hello")
    [mail] = await post.go_out()
    async with database.transaction() as db:
        await note_bounce(db, services, alice.project_id, mail["Message-ID"], bounce_of("carol@example.com"))
    url = f"/api/projects/{alice.project_id}/personal_data/"
    exported = (await alice.client.get(url, params={"email": "carol@example.com"})).json()
    assert [one["ticket_number"] for one in exported["outbound_mails"]] == [1]
    clock.freeze()
    later = await desk.open(email="bob@example.com", distinct_id="bob")
    await alice.client.post(f"{desk.tickets}{later['id']}/participants/", json={"email": "carol@example.com"})
    await desk.say(later, "Hello again")
    await post.queue.drain()
    erased = await alice.client.delete(url, params={"email": "carol@example.com"})
    assert erased.status_code == 200, erased.text
    assert erased.json()["outbound_mails"] >= 1
    clock.advance(timedelta(minutes=3))
    sent = [(mail["To"], mail["Cc"]) for mail in await post.go_out()]
    assert sent == [("ada@example.com", "carol@example.com"), ("bob@example.com", None)]
    mine, theirs = outbound_recipient.c, outbound_address.c
    async with database.transaction(write=False) as db:
        for table, column in ((outbound_recipient, mine.address), (outbound_address, theirs.address)):
            of_project = table.c.project_id == alice.project_id
            found = select(func.count()).select_from(table).where(of_project, column == "carol@example.com")
            assert (await db.execute(found)).scalar_one() == 0
        errors = select(outbound_email.c.last_error).where(outbound_email.c.project_id == alice.project_id)
        assert all("carol" not in (one or "") for one in (await db.execute(errors)).scalars())
