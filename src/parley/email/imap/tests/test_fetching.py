"""Mail is fetched from a real mailbox, exactly once, and nothing there is changed."""

import asyncio
import shutil
import ssl

import pytest
from sqlalchemy import update

from parley.email.imap import client, fetching, rules
from parley.email.imap.actions import watch
from parley.email.imap.jobs import find_lost
from parley.email.imap.queries import mailbox_key
from parley.email.imap.renewal import forget_unreadable_mailboxes
from parley.email.imap.tables import imap_mailbox
from parley.email.inbound.actions import receiving
from parley.email.inbound.tests.mailbox import mail
from parley.kernel.errors import Unavailable
from parley.kernel.secrets import Vault
from parley.kernel.storage.errors import StorageAway


def subjects(rows):
    return [row.subject for row in rows]


async def test_only_what_comes_from_now_on_is_fetched_and_nothing_is_marked(fetched):
    fetched.dovecot.deliver(fetched.user, mail(subject="Old"))
    await fetched.connect()
    assert await fetched.turn() == []
    fetched.dovecot.deliver(fetched.user, mail(subject="One"), mail(subject="Two"))
    for _ in range(2):
        rows = await fetched.turn()
        assert subjects(rows) == ["One", "Two"]
    assert {(row.source, row.state, row.is_backfill) for row in rows} == {("imap", "stored", False)}
    assert not any(b"Seen" in flags for flags in fetched.dovecot.flags(fetched.user))
    assert len(fetched.dovecot.flags(fetched.user)) == 3
    state = await fetched.state()
    assert state["fetched_at"] and state["last_error"] is None and "password" not in state


async def test_what_lay_there_comes_in_when_it_is_wanted_and_nobody_hears_of_it(fetched, sent_mail):
    fetched.dovecot.deliver(fetched.user, mail(subject="Old"), mail(subject="Older"))
    await fetched.connect(is_importing=True)
    fetched.dovecot.deliver(fetched.user, mail(subject="New"))
    rows = await fetched.turn()
    assert [(row.subject, row.is_backfill) for row in rows] == [
        ("Old", True),
        ("Older", True),
        ("New", False),
    ]
    assert len(sent_mail) == 0


async def test_after_an_outage_everything_comes_in_and_the_error_names_no_password(fetched):
    await fetched.connect()
    fetched.dovecot.stop()
    try:
        assert await fetched.turn() == []
        error = (await fetched.state())["last_error"]
        assert error.startswith("The mailbox can't be read") and "secret" not in error
    finally:
        fetched.dovecot.start()
    fetched.dovecot.deliver(fetched.user, mail(subject="Meanwhile"))
    assert subjects(await fetched.turn()) == ["Meanwhile"]
    assert (await fetched.state())["last_error"] is None


async def test_a_folder_that_is_numbered_anew_brings_nothing_twice(fetched):
    await fetched.connect()
    fetched.dovecot.deliver(fetched.user, mail(subject="One"))
    assert subjects(await fetched.turn()) == ["One"]
    folder = fetched.dovecot.folder / "mail" / fetched.user
    for file in folder.glob("dovecot*"):
        shutil.rmtree(file) if file.is_dir() else file.unlink()
    fetched.dovecot.deliver(fetched.user, mail(subject="Two"))
    for _ in range(2):
        assert sorted(subjects(await fetched.turn())) == ["One", "Two"]


async def test_a_mail_and_the_place_in_the_folder_are_stored_together(fetched, monkeypatch):
    await fetched.connect()
    fetched.dovecot.deliver(fetched.user, mail(subject="One"), mail(subject="Two"))
    kept: list[int] = []

    async def fails_after_the_first(*given):
        if kept:
            raise Unavailable
        kept.append(1)
        return await whole(*given)

    whole = receiving.record
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "record", fails_after_the_first)
        assert subjects(await fetched.turn()) == ["One"]
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "keep_raw", _storage_is_away)
        assert subjects(await fetched.turn()) == ["One"]
    rows = await fetched.turn()
    assert subjects(rows) == ["One", "Two"] and {row.deliveries for row in rows} == {1}


async def _storage_is_away(*_):
    raise StorageAway


async def test_other_settings_end_what_goes_on_with_the_old_ones(fetched, services):
    await fetched.connect()
    other = f"{fetched.user}x"
    fetched.dovecot.deliver(other, mail(subject="Theirs"))
    await fetched.connect(username=other)
    async with services.database.transaction() as db:
        await watch(db, fetched.member.project_id, fetched.inbox.channel.id, 1)
    fetched.dovecot.deliver(fetched.user, mail(subject="Not wanted any more"))
    fetched.dovecot.deliver(other, mail(subject="Wanted"))
    assert subjects(await fetched.turn()) == ["Wanted"]
    assert (await fetched.member.client.delete(fetched.url)).status_code == 204
    fetched.dovecot.deliver(other, mail(subject="Gone"))
    assert subjects(await fetched.turn()) == ["Wanted"]


@pytest.mark.parametrize("passed", [rules.LOST_AFTER, -rules.LOST_AFTER], ids=["late", "clock set back"])
async def test_a_chain_of_turns_that_was_broken_begins_anew(fetched, services, monkeypatch, passed):
    await fetched.connect()
    with monkeypatch.context() as patched:
        patched.setattr(fetching, "_plan_next", _nothing)
        await fetched.turn()
    fetched.dovecot.deliver(fetched.user, mail(subject="One"))
    assert await fetched.turn() == []
    fetched.clock.advance(passed)
    async with services.database.transaction() as db:
        assert await find_lost(db, services) >= 1
    assert subjects(await fetched.turn()) == ["One"]


async def _nothing(*_):
    return None


async def test_a_new_mail_is_there_as_soon_as_the_server_tells_of_it(fetched, monkeypatch):
    await fetched.connect()
    is_waiting, wait = asyncio.Event(), client.OpenFolder.wait

    async def noted_wait(*given):
        is_waiting.set()
        return await wait(*given)

    monkeypatch.setattr(client.OpenFolder, "wait", noted_wait)
    monkeypatch.setattr(rules, "TURN_S", 60.0)
    fetched.clock.advance(rules.LONGEST_PAUSE)
    turn = asyncio.create_task(fetched.inbox.queue.drain())
    async with asyncio.timeout(60):
        await is_waiting.wait()
        fetched.dovecot.deliver(fetched.user, mail(subject="Now"))
        while not await fetched.inbox.rows():
            await asyncio.sleep(0.02)
        assert not turn.done()
        # A mailbox that is gone ends the turn with its next mail.
        await fetched.member.client.delete(fetched.url)
        fetched.dovecot.deliver(fetched.user, mail(subject="Not wanted any more"))
        await turn
    assert subjects(await fetched.inbox.rows()) == ["Now"]


@pytest.mark.parametrize(
    ("changes", "status", "words"),
    [
        ({"password": "wrong-and-private"}, 400, "can't be read"),
        ({"folder": "Nowhere"}, 400, "can't be read"),
        ({"security": "tls"}, 400, "can't be read"),
        ({"security": "starttls"}, 400, "certificate verify failed"),
        ({"host": "127.0.0.2"}, 400, "Without encryption"),
        ({"host": "127.0.0.2", "security": "tls"}, 400, "not public"),
        ({"host": "169.254.169.254", "security": "tls"}, 400, "not public"),
        ({"host": "a b"}, 400, ""),
        ({"port": 0}, 400, ""),
        ({"username": " "}, 400, ""),
        ({"security": "ssl"}, 400, ""),
    ],
)
async def test_settings_that_open_no_mailbox_are_refused_at_once(fetched, changes, status, words):
    answer = await fetched.member.client.put(fetched.url, json=fetched.settings | changes)
    assert answer.status_code == status and words in answer.json()["detail"], answer.text
    assert "wrong-and-private" not in answer.text and "b'" not in answer.text
    assert (await fetched.member.client.get(fetched.url)).status_code == 404


async def test_a_connection_is_encrypted_where_the_certificate_is_good(fetched, monkeypatch):
    context = ssl.create_default_context(cafile=fetched.dovecot.folder / "mail.pem")
    monkeypatch.setattr(client, "_tls", lambda: context)
    await fetched.connect(security="starttls")
    fetched.dovecot.deliver(fetched.user, mail(subject="One"))
    assert subjects(await fetched.turn()) == ["One"]


async def test_only_who_may_change_the_channel_sees_and_sets_its_mailbox(fetched, bob, mallory):
    await fetched.connect()
    for member, status in ((bob, 403), (mallory, 404)):
        for method in ("get", "delete"):
            assert (await getattr(member.client, method)(fetched.url)).status_code == status
        assert (await member.client.put(fetched.url, json=fetched.settings)).status_code == status


async def test_a_mailbox_whose_password_cannot_be_read_any_more_is_forgotten(fetched, services):
    await fetched.connect()
    async with services.database.transaction() as db:
        assert fetched.user not in await forget_unreadable_mailboxes(db, services)
        mine = mailbox_key(fetched.member.project_id, fetched.inbox.channel.id)
        sealed = Vault("another secret key that is long enough, too").encrypt("secret")
        await db.execute(update(imap_mailbox).where(mine).values(password=sealed))
        assert await forget_unreadable_mailboxes(db, services) == [fetched.user]
    assert (await fetched.member.client.get(fetched.url)).status_code == 404
