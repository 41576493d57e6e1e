"""Telling the team of new conversations: at once, then of all that came in the meantime together.

A visitor can begin many conversations. Whatever they do, a member of the team gets a mail about them each quarter of an
hour at most.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, update

from parley.conversations.notifications.queries import digest_held, recipients_of
from parley.conversations.tickets.tables import first_message_digest, first_message_notice
from parley.kernel.clock import is_ahead
from parley.kernel.database.database import Db
from parley.kernel.database.dialect import insert_for
from parley.kernel.jobs import enqueue

PAUSE = timedelta(minutes=15)
MOST_TOLD = 20
"""Conversations of which one mail tells in words; the others are counted."""
TELL, MAIL, MAIL_MANY = (
    "tickets.tell_of_first_messages",
    "tickets.send_first_message_mail",
    "tickets.send_first_message_digest",
)


async def note_first_message(db: Db, project_id: int, ticket_id: UUID) -> None:
    """Remember that the team is to be told of this ticket, and ask for it. Safe to repeat."""
    notice = insert_for(db.dialect, first_message_notice).values(project_id=project_id, ticket_id=ticket_id)
    await db.execute(notice.on_conflict_do_nothing())
    await enqueue(db, TELL, {}, project_id=project_id)


async def tell_of_first_messages(db: Db, now: datetime, project_id: int, *, is_planned: bool = False) -> None:
    """Have the mails sent that are due, or plan them for the end of the pause since the last ones. Safe to repeat.

    What was planned (`is_planned`) and comes too early, since a clock was wrong, is planned again.
    """
    row = insert_for(db.dialect, first_message_digest).values(project_id=project_id, is_planned=False)
    await db.execute(row.on_conflict_do_nothing())
    mine = first_message_digest.c.project_id == project_id
    held = await digest_held(db, project_id)
    until = held.mailed_at and held.mailed_at + PAUSE
    if is_ahead(until, now, PAUSE):
        if is_planned or not held.is_planned:
            await enqueue(db, TELL, {"is_planned": True}, project_id=project_id, not_before=until)
            await db.execute(update(first_message_digest).where(mine).values(is_planned=True))
        return
    told = await _take_notices(db, project_id)
    changes = {"is_planned": False} | ({"mailed_at": now} if told else {})
    await db.execute(update(first_message_digest).where(mine).values(**changes))
    if told:
        await _have_mailed(db, project_id, told)


async def _take_notices(db: Db, project_id: int) -> list[UUID]:
    """Return the tickets that nobody was told of yet, oldest first, and forget that."""
    mine = first_message_notice.c.project_id == project_id
    taken = delete(first_message_notice).where(mine).returning(first_message_notice.c.ticket_id)
    return sorted((await db.execute(taken)).scalars())


async def _have_mailed(db: Db, project_id: int, told: list[UUID]) -> None:
    tickets: Mapping[str, Any] = {"ticket_id": str(told[0])}
    if len(told) > 1:
        tickets = {"ticket_ids": [str(one) for one in told[:MOST_TOLD]], "count": len(told)}
    name = MAIL if len(told) == 1 else MAIL_MANY
    for recipient in await recipients_of(db, project_id):
        payload = {**tickets, "user_id": recipient.user_id, "to": recipient.email}
        await enqueue(db, name, payload, project_id=project_id, queue="mail")
