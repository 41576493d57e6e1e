"""Background work of tickets."""

from datetime import datetime, timedelta
from uuid import UUID

from parley.kernel.db import Db
from parley.kernel.mail import Mailer
from parley.kernel.queue import Event, Outside, Work, enqueue, job, on, work
from parley.tickets.actions.purge import PURGE_BATCH, purge_some
from parley.tickets.actions.search import FOLD_BATCH, fold_some, tidy_index
from parley.tickets.actions.snoozes import BATCH, wake_due
from parley.tickets.mails import first_message_mail
from parley.tickets.queries.deleted import projects_to_purge
from parley.tickets.queries.introductions import introduction, recipients_of
from parley.tickets.rules.deletion import kept_since

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


@job("tickets.purge_deleted", every=timedelta(days=1))
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


@on("ticket.first_message_received")
async def tell_of_first_message(db: Db, event: Event) -> None:
    """Have a mail sent to each member of the team who wants to hear of new conversations."""
    for recipient in await recipients_of(db, event.project_id):
        payload = {
            "ticket_id": event.payload["ticket_id"],
            "user_id": recipient.user_id,
            "to": recipient.email,
        }
        await enqueue(db, "tickets.send_first_message_mail", payload, project_id=event.project_id)


@work("tickets.send_first_message_mail")
async def send_first_message_mail(outside: Outside, work: Work) -> None:
    """Send one mail about a new conversation; its Message-ID is the same at every attempt."""
    ticket_id = UUID(work.payload["ticket_id"])
    async with outside.database.transaction(write=False) as db:
        about = await introduction(db, work.project_id, ticket_id)
    if about is None:
        return
    settings = outside.settings
    mail = first_message_mail(about, work.payload, settings.site_url)
    await Mailer(settings.smtp_url, settings.data_dir, settings.site_url).send(mail)
