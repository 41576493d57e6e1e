"""Mail servers that refuse, put off, are slow or gone: each recipient gets a mail once, or it is said why not."""

import asyncio
import errno
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from structlog.testing import capture_logs

from parley.conversations.files.actions.attaching import attach_files
from parley.conversations.files.actions.storing import store_file
from parley.conversations.files.schemas import NewFile
from parley.email.delivery import sending
from parley.email.letters import composition
from parley.kernel.network import smtp
from parley.kernel.network.mail import Mailer
from parley.kernel.storage.errors import StorageAway
from tests.smtp_peer import smtp_peer


@pytest.fixture
async def peer(services, post):
    """A mail server that the application uses."""
    before = services.mailer
    await post.queue.drain()  # other tests may have left something to be sent
    async with smtp_peer() as made:
        services.mailer = Mailer(made.url, services.settings.data_dir, "http://parley.test")
        yield made
    services.mailer = before


@pytest.fixture
def arrived(peer, post):
    """Return the recipients of the project's mails, mail by mail."""

    def so_far():
        return [one.recipients for one in peer.taken if one.sender == post.channel.from_email]

    return so_far


@pytest.fixture
async def to_three(post, desk, alice):
    """Write to Ada, with copies to Carol and Dan; return the message."""
    opened = await post.ticket()
    for name in ("carol", "dan"):
        path = f"{desk.tickets}{opened['id']}/participants/"
        await alice.client.post(path, json={"email": f"{name}@example.com"})
    return await desk.say(opened, "Hello")


async def deliveries(alice, desk, said):
    answer = await alice.client.get(f"{desk.tickets}{said['item_id']}/messages/{said['id']}/deliveries/")
    return answer.json()["results"]


async def test_who_is_put_off_is_tried_again_alone_and_who_is_refused_never(
    peer, post, desk, alice, to_three, arrived, clock
):
    clock.freeze()
    peer.refuses = {"carol@example.com": "451 4.7.1 Greylisted", "dan@example.com": "550 5.1.1 Unknown"}
    await post.go_out()
    assert arrived() == [["ada@example.com"]]
    [one] = await deliveries(alice, desk, to_three)
    states = {to["address"].split("@")[0]: (to["state"], to["answer"]) for to in one["recipients"]}
    assert states == {
        "ada": ("accepted", "250 2.0.0 Queued"),
        "carol": ("waiting", "451 4.7.1 Greylisted"),
        "dan": ("failed", "550 5.1.1 Unknown"),
    }
    assert (one["state"], one["attempts"]) == ("waiting", 1) and await post.status(to_three) == "sending"
    peer.refuses = {}
    clock.advance(timedelta(seconds=59))
    await post.go_out()
    assert len(arrived()) == 1
    clock.advance(timedelta(seconds=2))
    await post.go_out()
    assert arrived() == [["ada@example.com"], ["carol@example.com"]]
    first, second = (one.mail for one in peer.taken[-2:])
    assert first["Message-ID"] == second["Message-ID"] and first["Cc"] == second["Cc"]
    assert await post.status(to_three) == "sent"


async def test_a_refused_mail_has_failed_at_once_with_the_words_of_the_server(
    peer, post, desk, alice, to_three, clock
):
    peer.at_data = "554 5.7.1 Looks like spam"
    await post.go_out()
    assert await post.status(to_three) == "failed"
    [one] = await deliveries(alice, desk, to_three)
    assert (one["state"], one["reason"], one["last_error"]) == (
        "failed",
        "refused",
        "554 5.7.1 Looks like spam",
    )
    clock.advance(timedelta(days=1))
    await post.go_out()
    tried = [line for line in peer.commands if line.startswith(f"MAIL FROM:<{post.channel.from_email}>")]
    assert len(tried) == 1  # other tests' mails may have become due


async def test_while_the_server_is_away_mails_wait_longer_each_time_and_are_given_up_after_five_days(
    peer, post, desk, alice, clock
):
    clock.freeze()
    opened = await post.ticket()
    said = await desk.say(opened, "Hello")
    peer.greeting = "421 4.3.2 Closed for today"
    for _ in range(8):
        await post.go_out()
        [one] = await deliveries(alice, desk, said)
        clock.advance(timedelta(hours=1))
    assert (one["attempts"], one["state"]) == (8, "waiting")
    clock.advance(timedelta(days=5))
    await post.go_out()
    [one] = await deliveries(alice, desk, said)
    assert (one["state"], one["reason"], one["next_at"]) == ("failed", "given_up", None)
    assert "Closed for today" in one["last_error"] and await post.status(said) == "failed"


async def test_a_mail_that_hangs_holds_up_no_other_and_is_not_begun_twice(
    peer, post, desk, monkeypatch, arrived
):
    monkeypatch.setattr(smtp, "DATA_S", 1.0)
    opened = [await post.ticket(f"p{n}@example.com", distinct_id=f"p{n}") for n in range(3)]
    peer.at_data = "hang"
    await desk.say(opened[0], "Hello")
    sending = asyncio.ensure_future(post.go_out())
    while not any(line.startswith("DATA") for line in peer.commands):
        await asyncio.sleep(0.02)
    peer.at_data = "250 2.0.0 Queued"
    for one in opened[1:]:
        await desk.say(one, "Hello")
    await sending
    await post.go_out()
    assert sorted(arrived()) == [["p1@example.com"], ["p2@example.com"]]
    assert sum(line == "RCPT TO:<p0@example.com>" for line in peer.commands) == 1


async def test_files_go_along_and_large_ones_as_links(
    peer, post, desk, alice, services, project, monkeypatch
):
    monkeypatch.setattr(composition, "MOST_ATTACHED", 10_000)
    small = await store_file(services, project.id, NewFile(name="a.txt", content=b"small"))
    large = await store_file(services, project.id, NewFile(name="b.bin", content=b"x" * 20_000))
    opened = await post.ticket()
    said = await desk.say(opened, "See below")
    async with services.database.transaction() as db:
        await attach_files(db, project.id, UUID(said["id"]), [small.id, large.id])
    await post.go_out()
    mail = peer.taken[-1].mail
    [attached] = list(mail.iter_attachments())
    assert (attached.get_filename(), attached.get_content().strip()) == ("a.txt", "small")
    assert "b.bin: http://parley.test/" in mail.get_body(("plain",)).get_content()


async def test_on_a_full_disk_a_mail_that_is_a_file_waits_and_one_line_says_why(
    post, desk, alice, clock, monkeypatch
):
    clock.freeze()
    said = await desk.say(await post.ticket(), "Hello")

    def full(path, content):
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(Path, "write_bytes", full)
        await post.go_out()
    [one] = await deliveries(alice, desk, said)
    [line] = [line for line in logs if line.get("email") == one["id"]]
    assert (line["event"], line["log_level"]) == ("mail_waits", "warning") and "exc_info" not in line
    assert one["state"] == "waiting"
    assert "can't be written to a file" in one["last_error"] and "No space left" in one["last_error"]
    assert not list((post.services.settings.data_dir / "mail").glob(".*.draft"))
    clock.advance(timedelta(minutes=2))
    assert len(await post.go_out()) == 1 and await post.status(said) == "sent"


async def test_while_the_storage_is_away_a_mail_waits_for_its_files_without_a_traceback(
    peer, post, desk, alice, clock, monkeypatch
):
    async def away(*about):
        raise StorageAway

    clock.freeze()
    said = await desk.say(await post.ticket(), "Hello")
    with monkeypatch.context() as patch, capture_logs() as logs:
        patch.setattr(sending, "composed", away)
        await post.go_out()
    [one] = await deliveries(alice, desk, said)
    [line] = [line for line in logs if line.get("email") == one["id"]]
    assert (line["event"], line["log_level"]) == ("mail_waits", "warning") and "exc_info" not in line
    assert one["state"] == "waiting" and "storage of files is not available" in one["last_error"]
    clock.advance(timedelta(minutes=2))
    await post.go_out()
    assert await post.status(said) == "sent"
