"""Snoozed tickets come back when their time has come."""

from datetime import datetime
from typing import Any

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.conversations.snoozes.queries import Sleeper, due_to_wake
from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import TicketChange, fields_changed
from parley.conversations.ticket_changes.rules.events import Occasion
from parley.conversations.tickets.actions.many import end_snoozes
from parley.conversations.tickets.rules.fields import status_after_waking
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

BATCH = 500


async def wake_due(db: Db, services: Services, now: datetime) -> int:
    """Wake the tickets whose snooze has ended, oldest first and at most a batch; return how many.

    Safe to run twice and in two workers: a ticket that another run holds is passed over, one that is awake isn't due.
    """
    due = await due_to_wake(db, now, limit=BATCH)
    for status in {row.status for row in due}:
        ids = [(row.project_id, row.id) for row in due if row.status == status]
        await end_snoozes(db, ids, status_after_waking(status), now)
    if due:
        projects = await projects_by_ids(db, sorted({row.project_id for row in due}))
        changes = (_woken(Occasion(projects[row.project_id], now), row) for row in due)
        await announce(db, services, *changes)
    return len(due)


def _woken(on: Occasion, sleeper: Sleeper) -> TicketChange:
    after: dict[str, Any] = {"snoozed_until": None}
    status = status_after_waking(sleeper.status)
    if status != sleeper.status:
        after["status"] = status
    return fields_changed(on, sleeper, after)
