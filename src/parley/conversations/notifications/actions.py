"""Noting what members are to be mailed about, and mailing it: at once, then together what came in the meantime.

A visitor can begin many conversations, and a program can assign many tickets. Whatever they do, a member of the team gets
one mail of a project in a quarter of an hour at most.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import delete, update

from parley.conversations.notifications.queries.recipients import Digest, Recipient, locked_digests
from parley.conversations.notifications.queries.unread_answers import without_read_answers
from parley.conversations.notifications.rules.kinds import (
    MemberNotice,
    due_at,
    due_at_for,
    is_planned,
    notices_of_mail,
)
from parley.conversations.notifications.tables import (
    first_message_notice,
    notification,
    notification_digest,
)
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue

# The names stand in stored rows.
SEND_DUE, MAIL = "notifications.send_due", "notifications.mail"


async def note(
    db: Db, project_id: int, recipients: Sequence[Recipient], notice: MemberNotice, now: datetime
) -> None:
    """Note that these members are to be mailed about something, and have it done. Safe to repeat."""
    if not recipients:
        return
    ids = [one.user_id for one in recipients]
    digests = insert_for(db.dialect, notification_digest).values(
        [{"project_id": project_id, "user_id": id} for id in ids]
    )
    await db.execute(digests.on_conflict_do_nothing())
    # Locked first, as by whoever takes the notices: in another order the two could wait for each other.
    locked = await locked_digests(db, project_id, ids)
    values = {**msgspec.structs.asdict(notice), "subject_id": notice.subject_id, "created_at": now}
    rows = insert_for(db.dialect, notification).values(
        [{**values, "project_id": project_id, "user_id": id} for id in ids]
    )
    # Who gave a ticket to whom last is what counts.
    key = ["project_id", "user_id", "kind", "subject_id"]
    newer = {name: rows.excluded[name] for name in ("actor_id", "role_id")}
    await db.execute(rows.on_conflict_do_update(index_elements=key, set_=newer))
    for digest in locked:
        due = due_at_for(notice.kind, digest.mailed_at, now)
        if not is_planned(digest.planned_for, due, now):
            await _plan(db, project_id, digest, due, now)


async def enqueue_due_mail(db: Db, project_id: int, user_id: int, now: datetime) -> None:
    """Enqueue the mail to a member about all that is noted for them. Safe to repeat.

    What comes too early, because a clock was wrong, is planned again.
    """
    for digest in await locked_digests(db, project_id, [user_id]):
        due = due_at(digest.mailed_at, now)
        if due > now:
            await _plan(db, project_id, digest, due, now)
            return
        # What was read meanwhile makes no mail, and so no pause for what is to be mailed next.
        noted = await without_read_answers(db, project_id, await _take_notices(db, project_id, user_id))
        await _change(db, project_id, user_id, planned_for=None, **({"mailed_at": now} if noted else {}))
        if noted:
            payload = msgspec.to_builtins(notices_of_mail(user_id, noted))
            await enqueue(db, MAIL, payload, project_id=project_id, queue="mail")


async def _plan(db: Db, project_id: int, digest: Digest, due: datetime, now: datetime) -> None:
    await _change(db, project_id, digest.user_id, planned_for=due)
    not_before = due if due > now else None
    await enqueue(db, SEND_DUE, {"user_id": digest.user_id}, project_id=project_id, not_before=not_before)


async def _change(db: Db, project_id: int, user_id: int, **changes: Any) -> None:
    c = notification_digest.c
    mine = update(notification_digest).where(c.project_id == project_id, c.user_id == user_id)
    await db.execute(mine.values(**changes))


async def _take_notices(db: Db, project_id: int, user_id: int) -> list[MemberNotice]:
    """Remove what is noted for a member and return it, in the order of time."""
    c = notification.c
    names = MemberNotice.__struct_fields__
    taken = delete(notification).where(c.project_id == project_id, c.user_id == user_id)
    rows = await db.execute(taken.returning(c.created_at, c.subject_id, *(c[name] for name in names)))
    return [
        MemberNotice(**dict(zip(names, row[2:], strict=True)))
        for row in sorted(rows, key=lambda row: row[:2])
    ]


async def take_old_notices(db: Db, project_id: int) -> list[UUID]:
    """Remove the conversations that an earlier version has noted for the whole project, and return them."""
    mine = first_message_notice.c.project_id == project_id
    taken = delete(first_message_notice).where(mine).returning(first_message_notice.c.ticket_id)
    return sorted((await db.execute(taken)).scalars())
