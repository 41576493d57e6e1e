"""Background work of tickets."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from parley.accounts.access_levels.queries import seen_by_user
from parley.conversations.tickets.actions import digests
from parley.conversations.tickets.actions.purge import PURGE_BATCH, purge_some
from parley.conversations.tickets.actions.search import FOLD_BATCH, fold_some, tidy_index
from parley.conversations.tickets.actions.snoozes import BATCH, wake_due
from parley.conversations.tickets.mails import digest_mail, first_message_mail
from parley.conversations.tickets.queries.deleted import projects_to_purge
from parley.conversations.tickets.queries.introductions import Introduction, introduction, recipients_of
from parley.conversations.tickets.rules.deletion import kept_since
from parley.kernel.database.database import Db
from parley.kernel.jobs import (
    Event,
    Outside,
    Work,
    enqueue,
    job,
    on,
    work,
)
from parley.kernel.network.mail import Mail, Mailer

MOST_BATCHES = 10
"""Of one run: on SQLite nobody else can write meanwhile."""


@job("tickets.wake_snoozed", every=timedelta(minutes=1))
async def wake_snoozed(db: Db, now: datetime) -> int:
    """Wake tickets whose snooze has ended; return how many. After a long pause the next runs wake the rest."""
    woken = 0
    for _ in range(MOST_BATCHES):
        batch = await wake_due(db, now)
        woken += batch
        if batch < BATCH:
            break
    return woken


@job("tickets.purge_deleted", every=timedelta(days=1), deletes=True)
async def purge_deleted(db: Db, now: datetime) -> int:
    """Have tickets removed that were deleted 14 days ago; return in how many projects there are some."""
    projects = await projects_to_purge(db, kept_since(now))
    for project_id in projects:
        await enqueue(db, "tickets.purge_project", {}, project_id=project_id)
    return len(projects)


@work("tickets.purge_project", timeout_s=900)
async def purge_project(outside: Outside, work: Work) -> None:
    """Remove what a project has deleted long ago, in transactions of a few tickets; what was begun goes on later."""
    purged = PURGE_BATCH
    while purged >= PURGE_BATCH:
        async with outside.database.transaction() as db:
            purged = await purge_some(db, work.project_id, outside.clock.now())


@job("tickets.tidy_search", every=timedelta(seconds=30))
async def tidy_search(db: Db, _: datetime) -> int:
    """Sort new texts into the index of search, so that no request has to; return how many pages of them there were."""
    return await tidy_index(db)


@job("tickets.fold_search", every=timedelta(seconds=10))
async def fold_search(db: Db, _: datetime) -> int:
    """Fold the texts that only the database has folded, as a version before this one wrote them; return how many."""
    n_folded = 0
    for _batch in range(MOST_BATCHES):
        batch = await fold_some(db)
        n_folded += batch
        if batch < FOLD_BATCH:
            break
    return n_folded


@on("ticket.first_message_received", "tickets.jobs.tell_of_first_message")
async def tell_of_first_message(db: Db, event: Event) -> None:
    """Have the team told of a new conversation, if anybody wants to hear of them."""
    if await recipients_of(db, event.project_id):
        await digests.note_first_message(db, event.project_id, UUID(event.payload["ticket_id"]))


@work(digests.TELL, ahead_s=digests.PAUSE.total_seconds())
async def tell_of_first_messages(outside: Outside, work: Work) -> None:
    """Have mails sent about new conversations, now or at the end of the pause since the last ones."""
    async with outside.database.transaction() as db:
        is_planned = work.payload.get("is_planned", False)
        await digests.tell_of_first_messages(db, outside.clock.now(), work.project_id, is_planned=is_planned)


@work(digests.MAIL)
async def send_first_message_mail(outside: Outside, work: Work) -> None:
    """Send one mail about a new conversation; its Message-ID is the same at every attempt."""
    for about in await _introductions(outside, work, [work.payload["ticket_id"]]):
        await _send(outside, first_message_mail(about, work.payload, outside.settings.site_url))


@work(digests.MAIL_MANY)
async def send_first_message_digest(outside: Outside, work: Work) -> None:
    """Send one mail about several new conversations; its Message-ID is the same at every attempt."""
    wanted = work.payload["ticket_ids"]
    about = await _introductions(outside, work, wanted)
    if about:
        count = work.payload["count"] - (len(wanted) - len(about))
        await _send(outside, digest_mail(about, count, work.payload, outside.settings.site_url, work.id))


async def _introductions(outside: Outside, work: Work, ticket_ids: Sequence[str]) -> list[Introduction]:
    """Return what is still there of these conversations and seen by whom the mail is for."""
    user_id, ids = work.payload["user_id"], [UUID(one) for one in ticket_ids]
    seen = await seen_by_user(outside.database, work.project_id, user_id, ids)
    async with outside.database.transaction(write=False) as db:
        found = [await introduction(db, work.project_id, one) for one in seen]
    return [one for one in found if one is not None]


async def _send(outside: Outside, mail: Mail) -> None:
    settings = outside.settings
    await Mailer(settings.smtp_url, settings.data_dir, settings.site_url).send(mail)
