"""Snoozed tickets come back when their time has come."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import tuple_, update

from parley.accounts.activity_log.actions import Entry, record_all
from parley.accounts.projects.queries.projects import projects_by_ids
from parley.conversations.tickets.actions.happenings import record
from parley.conversations.tickets.actions.history import (
    By,
    Subject,
    changed,
    entry,
)
from parley.conversations.tickets.actions.ledger import count_change
from parley.conversations.tickets.actions.notices import forget_unread_count, tell
from parley.conversations.tickets.queries.snoozes import Sleeper, due_to_wake
from parley.conversations.tickets.rules import status_after_waking
from parley.conversations.tickets.rules.happenings import Scene, facts_of, status_changed
from parley.conversations.tickets.tables import ticket
from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services

BATCH = 500


async def wake_due(db: Db, services: Services, now: datetime) -> int:
    """Wake the tickets whose snooze has ended, oldest first and at most a batch; return how many.

    Safe to run twice and in two workers: a ticket that another run holds is passed over, one that is awake isn't due.
    """
    due = await due_to_wake(db, now, limit=BATCH)
    moves: Counter[tuple[int, str]] = Counter((row.project_id, row.status) for row in due)
    for status in {row.status for row in due}:
        ids = [(row.project_id, row.id) for row in due if row.status == status]
        mine = (tuple_(ticket.c.project_id, ticket.c.id).in_(ids), ticket.c.snoozed_until <= now)
        awake = {"snoozed_until": None, "status": status_after_waking(status), "updated_at": now}
        await db.execute(update(ticket).where(*mine).values(awake))
    await record_all(db, [_woken(row, now) for row in due])
    # Ledgers come last, and in one order in every worker.
    for (project_id, status), count in sorted(moves.items()):
        await count_change(db, project_id, status, status_after_waking(status), count=count)
        if status == "resolved":  # whose messages were not counted as unread
            forget_unread_count(db, services, project_id)
    await _tell_of_status(db, due, now)
    for row in due:
        tell(db, services, row.project_id, "ticket.changed", ticket_id=row.id, number=row.number)
    return len(due)


async def _tell_of_status(db: Db, due: Sequence[Sleeper], now: datetime) -> None:
    moved = [row for row in due if status_after_waking(row.status) != row.status]
    projects = await projects_by_ids(db, sorted({row.project_id for row in moved})) if moved else {}
    await record(
        db,
        [
            status_changed(
                Scene(projects[row.project_id], facts_of(row), now), status_after_waking(row.status)
            )
            for row in moved
        ],
    )


def _woken(row: Sleeper, now: datetime) -> Entry:
    changes = [changed("snoozed_until", row.snoozed_until, None)]
    after = status_after_waking(row.status)
    if after != row.status:
        changes.insert(0, changed("status", row.status, after))
    return entry(Subject(row.project_id, row.id, row.number), "updated", changes, By(), now)
