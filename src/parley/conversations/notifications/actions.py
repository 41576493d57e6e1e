"""Mailing the team about new conversations: at once, then together about all that began in the meantime.

A visitor can begin many conversations. Whatever they do, a member of the team gets one mail in a quarter of an hour at
most.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from parley.conversations.notifications.queries import locked_digest, recipients_of
from parley.conversations.notifications.tables import first_message_digest, first_message_notice
from parley.kernel.clock import is_ahead
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue

PAUSE = timedelta(minutes=15)
MAX_SHOWN = 20
"""Conversations that one mail quotes; the others are counted."""
# The names stand in stored rows.
SEND_DUE, MAIL_ONE, MAIL_DIGEST = (
    "tickets.tell_of_first_messages",
    "tickets.send_first_message_mail",
    "tickets.send_first_message_digest",
)


async def add_notice(db: Db, project_id: int, ticket_id: UUID) -> None:
    """Note that the team is to be mailed about this ticket, and have it done. Safe to repeat."""
    notice = insert_for(db.dialect, first_message_notice).values(project_id=project_id, ticket_id=ticket_id)
    await db.execute(notice.on_conflict_do_nothing())
    await enqueue(db, SEND_DUE, {}, project_id=project_id)


async def enqueue_due_mails(db: Db, now: datetime, project_id: int, *, is_planned: bool = False) -> None:
    """Enqueue the mails that are due, or plan them for the end of the pause since the last ones. Safe to repeat.

    What was planned (`is_planned`) and comes too early, because a clock was wrong, is planned again.
    """
    row = insert_for(db.dialect, first_message_digest).values(project_id=project_id, is_planned=False)
    await db.execute(row.on_conflict_do_nothing())
    mine = first_message_digest.c.project_id == project_id
    digest = await locked_digest(db, project_id)
    until = digest.mailed_at and digest.mailed_at + PAUSE
    if is_ahead(until, now, PAUSE):
        if is_planned or not digest.is_planned:
            await enqueue(db, SEND_DUE, {"is_planned": True}, project_id=project_id, not_before=until)
            await db.execute(update(first_message_digest).where(mine).values(is_planned=True))
        return
    ticket_ids = await _take_notices(db, project_id)
    changes = {"is_planned": False} | ({"mailed_at": now} if ticket_ids else {})
    await db.execute(update(first_message_digest).where(mine).values(**changes))
    if ticket_ids:
        await _enqueue_mails(db, project_id, ticket_ids)


async def _take_notices(db: Db, project_id: int) -> list[UUID]:
    """Remove the notices of a project and return their tickets, oldest first."""
    mine = first_message_notice.c.project_id == project_id
    taken = delete(first_message_notice).where(mine).returning(first_message_notice.c.ticket_id)
    return sorted((await db.execute(taken)).scalars())


async def _enqueue_mails(db: Db, project_id: int, ticket_ids: list[UUID]) -> None:
    tickets: Mapping[str, Any] = {"ticket_id": str(ticket_ids[0])}
    if len(ticket_ids) > 1:
        tickets = {"ticket_ids": [str(id) for id in ticket_ids[:MAX_SHOWN]], "count": len(ticket_ids)}
    name = MAIL_ONE if len(ticket_ids) == 1 else MAIL_DIGEST
    for recipient in await recipients_of(db, project_id):
        payload = {**tickets, "user_id": recipient.user_id, "to": recipient.email}
        await enqueue(db, name, payload, project_id=project_id, queue="mail")
