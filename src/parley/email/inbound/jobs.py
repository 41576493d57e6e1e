"""Background work of the ledger."""

from datetime import timedelta
from uuid import UUID

from parley.email.inbound.actions.clearing import clear_orphans
from parley.email.inbound.actions.forgetting import BATCH, forget_mails_of_tickets, forget_old_raw
from parley.email.inbound.queries.forgetting import projects_with_channels, projects_with_raw_mails
from parley.email.inbound.rules.retention import kept_days
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, Work, enqueue, job, on, work
from parley.kernel.services import Services

FORGET_RAW, CLEAR_ORPHANS = "email.forget_raw", "email.clear_raw_orphans"
SHORTEST = timedelta(days=1)


@job("email.forget_raw", every=timedelta(days=1), deletes=True)
async def start_forgetting(db: Db, services: Services) -> int:
    """Have each project forget raw mails that it no longer wants to keep; return how many projects there are."""
    projects = await projects_with_raw_mails(db, services.clock.now() - SHORTEST)
    for project_id, settings in projects:
        await enqueue(db, FORGET_RAW, {"kept_days": kept_days(settings)}, project_id=project_id)
    return len(projects)


@work(FORGET_RAW, timeout_s=900)
async def forget_raw(services: Services, work: Work) -> None:
    """Forget raw mails of a project that are older than it keeps them, in transactions of a few. Safe to repeat."""
    forgotten = BATCH
    while forgotten >= BATCH and not work.stopping.is_set():
        async with services.database.transaction() as db:
            now = services.clock.now()
            forgotten = await forget_old_raw(db, work.project_id, now, work.payload["kept_days"])


@job("email.clear_orphans", every=timedelta(days=1), deletes=True)
async def start_clearing(db: Db, _: Services) -> int:
    """Have the raw mails of each project cleared that have no row; return how many projects there are."""
    projects = await projects_with_channels(db)
    for project_id in projects:
        await enqueue(db, CLEAR_ORPHANS, {}, project_id=project_id)
    return len(projects)


@work(CLEAR_ORPHANS, timeout_s=900)
async def clear_orphan_mails(services: Services, work: Work) -> None:
    """Delete raw mails of a project that no row of the ledger has. Safe to repeat."""
    await clear_orphans(services, work.project_id, services.clock.now())


@on("ticket.purged", "email.inbound.jobs.forget_purged_tickets")
async def forget_purged_tickets(db: Db, _: Services, event: Event) -> None:
    """Forget the mails of purged tickets; the ledger still says that they came in."""
    ids = [UUID(id) for id in event.payload["ticket_ids"]]
    await forget_mails_of_tickets(db, event.project_id, ids)
