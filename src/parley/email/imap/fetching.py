"""A turn of fetching: connect, bring in what is new, and wait for more for a while."""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from functools import partial
from time import monotonic
from uuid import UUID

import structlog

from parley.email.channels.queries import channel_by_id
from parley.email.channels.schemas import EmailChannel
from parley.email.imap import rules
from parley.email.imap.actions import (
    note_connected,
    note_failure,
    note_fetched,
    note_place,
    watch,
)
from parley.email.imap.client import OpenFolder, opened
from parley.email.imap.queries import mailbox_of
from parley.email.imap.rules import NEXT_TURN, Place, first_place, new_uids, pause_after
from parley.email.imap.schemas import Mailbox
from parley.email.inbound.actions.receiving import keep_raw, record
from parley.email.inbound.schemas import IncomingMail, KeptMail
from parley.email.parsing.schemas import AuthenticationResult
from parley.email.sender_verification.verification import verified
from parley.kernel.database.retries import call_again
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError
from parley.kernel.jobs import Work
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

_large = asyncio.Semaphore(4)
"""Mails that are in memory at the same time."""
AHEAD = 3
"""How many mails of a mailbox are verified while it reads on."""


class Superseded(Exception):
    """The mailbox has other settings by now, or is gone: whoever asked for these has nothing more to do."""


async def take_turn(services: Services, work: Work) -> None:
    """Fetch what is new in a mailbox, wait for more, and ask for the next turn. Whatever fails is tried again later."""
    channel_id, generation = UUID(work.payload["channel_id"]), work.payload["generation"]
    async with services.database.transaction(write=False) as db:
        mailbox = await mailbox_of(db, work.project_id, channel_id)
        channel = await channel_by_id(db, work.project_id, channel_id)
    if mailbox is None or channel is None or mailbox.generation != generation:
        return
    try:
        await _turn(services, work, mailbox, channel)
        pause, error = NEXT_TURN, None
    except Superseded:
        return
    except (AppError, TimeoutError) as trouble:
        pause, error = pause_after(mailbox.failure_count), str(trouble) or "The mail server fell silent."
    except Exception:
        log.exception("mailbox_not_read", channel=str(channel_id))
        pause, error = (
            pause_after(mailbox.failure_count),
            "Something went wrong. The log of the server has details.",
        )
    await call_again(partial(_plan_next, services, mailbox, pause, error))


async def _plan_next(services: Services, mailbox: Mailbox, pause: timedelta, error: str | None) -> None:
    async with services.database.transaction() as db:
        with suppress(Superseded):
            await _current(db, mailbox)
            if error is not None:
                await note_failure(db, services, mailbox, error)
            key = (mailbox.project_id, mailbox.channel_id, mailbox.generation)
            await watch(db, *key, not_before=services.clock.now() + pause)


async def _turn(services: Services, work: Work, mailbox: Mailbox, channel: EmailChannel) -> None:
    until = monotonic() + rules.TURN_S
    async with opened(services, mailbox, services.vault.decrypt(mailbox.password)) as connection:
        place = await call_again(partial(_begin, services, mailbox, connection))
        place = await _fetch(services, work, mailbox, channel, connection, place)
        while not work.stopping.is_set() and monotonic() < until:
            left = min(until - monotonic(), rules.POLL_S)
            if connection.can_wait:
                await connection.wait(left, work.stopping)
            else:
                await _pause(left, work.stopping)
            place = await _fetch(services, work, mailbox, channel, connection, place)


async def _pause(seconds: float, stopping: asyncio.Event) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await stopping.wait()


async def _begin(services: Services, mailbox: Mailbox, connection: OpenFolder) -> Place:
    """Return how far the folder was read; a new one begins behind what lies there, unless that is wanted."""
    is_same = mailbox.uid_validity == connection.uid_validity
    place = first_place(connection.uid_validity, connection.next_uid, is_importing=mailbox.is_importing)
    if mailbox.first_connected_at is not None and not is_same:
        # The server has numbered the folder anew. What came since is taken; what is there already is a repeat.
        place = await _place_since(mailbox, connection)
    async with services.database.transaction() as db:
        now = await _current(db, mailbox)
        await note_connected(db, services, mailbox)
        if is_same and now.last_uid is not None:
            return Place(connection.uid_validity, now.last_uid, now.backfill_uid or 0)
        await note_place(db, services, mailbox, place)
    return place


async def _place_since(mailbox: Mailbox, connection: OpenFolder) -> Place:
    assert mailbox.first_connected_at is not None
    day = (mailbox.first_connected_at - timedelta(days=1)).date()
    uids = await connection.uids_since(day)
    first = min(uids, default=connection.next_uid)
    return Place(connection.uid_validity, max(first - 1, 0), 0)


async def _current(db: Db, mailbox: Mailbox) -> Mailbox:
    """Return the mailbox as it is now, held; raises Superseded where it isn't the one that we fetch from any more."""
    found = await mailbox_of(db, mailbox.project_id, mailbox.channel_id, is_held=True)
    if found is None or found.generation != mailbox.generation:
        raise Superseded
    return found


async def _fetch(
    services: Services,
    work: Work,
    mailbox: Mailbox,
    channel: EmailChannel,
    connection: OpenFolder,
    place: Place,
) -> Place:
    """Bring in what is new in its order, and return how far that went.

    Some mails ahead are read and verified meanwhile: a DNS that is silent about one sender doesn't hold up all others.
    """
    ahead: deque[tuple[int, asyncio.Task[IncomingMail | None]]] = deque()
    try:
        for uid in new_uids(place, await connection.new_uids(place)):
            if work.stopping.is_set():
                break
            while ahead and (len(ahead) >= AHEAD or _large.locked()):
                place = await _take_first(services, mailbox, ahead, place)
            await _large.acquire()
            try:
                raw = await connection.mail(uid)
            except BaseException:
                _large.release()
                raise
            is_backfill = uid <= place.backfill_uid
            verifying = asyncio.create_task(_incoming(services, channel, raw, is_backfill=is_backfill))
            ahead.append((uid, verifying))
        while ahead and not work.stopping.is_set():
            place = await _take_first(services, mailbox, ahead, place)
    finally:
        for _, task in ahead:
            task.cancel()
            _large.release()
    return place


async def _incoming(
    services: Services, channel: EmailChannel, raw: bytes | None, *, is_backfill: bool
) -> IncomingMail | None:
    """Return a mail with what its signatures prove; None where it was deleted before it was read."""
    if raw is None:
        return None
    return IncomingMail(
        channel=channel,
        source="imap",
        raw=raw,
        recipient=channel.from_email,
        is_backfill=is_backfill,
        authentication=await _authentication(services, raw),
    )


async def _take_first(
    services: Services,
    mailbox: Mailbox,
    ahead: deque[tuple[int, asyncio.Task[IncomingMail | None]]],
    place: Place,
) -> Place:
    """Keep the first of the mails that were read; return how far the folder is read now."""
    uid, verifying = ahead[0]
    incoming = await verifying
    if incoming is not None:
        kept = await keep_raw(services, incoming)
        await call_again(partial(_take, services, mailbox, uid, incoming, kept))
    ahead.popleft()
    _large.release()
    return Place(place.uid_validity, uid, place.backfill_uid)


async def _authentication(services: Services, raw: bytes) -> Sequence[AuthenticationResult]:
    """Return what DKIM and DMARC say of a mail; nothing where that takes too long. There is no envelope to verify."""
    return await verified(services, None, raw, rules.VERIFY_S)


async def _take(
    services: Services, mailbox: Mailbox, uid: int, incoming: IncomingMail, kept: KeptMail
) -> None:
    """Record a mail and how far the folder was read, both or neither."""
    async with services.database.transaction() as db:
        now = await _current(db, mailbox)
        if (now.last_uid or 0) < uid:
            await record(db, incoming, kept)
            await note_fetched(db, services, mailbox, uid)
