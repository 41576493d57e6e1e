"""Taking a batch of mails: what is due, and what isn't to go out any more."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, delete, update

from parley.email.outbound.actions.queue import take_queue
from parley.email.outbound.actions.status import show_status
from parley.email.outbound.queries.due import (
    EMAIL,
    FIRST_DUE,
    IS_DUE,
    DueEmail,
    DueMessage,
    TakenEmail,
    messages_of_emails,
    recipients_of_emails,
)
from parley.email.outbound.tables import outbound_email, outbound_email_message
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

BATCH = 100

_e, _m = outbound_email.c, outbound_email_message.c
_CLAIM = Prepared(
    update(outbound_email)
    # Both, as one that is put off at this moment isn't due any more when its lock is free.
    .where(*IS_DUE, _e.id.in_(FIRST_DUE))
    .values(attempts=_e.attempts + 1)
    .returning(*EMAIL.columns)
)
_CANCEL = Prepared(
    update(outbound_email)
    .where(_e.project_id == bindparam("project_id"), _e.id == bindparam("email_id"))
    .values(
        state="cancelled",
        reason=bindparam("why", type_=_e.reason.type),
        next_at=None,
        finished_at=bindparam("now", type_=_e.finished_at.type),
    )
)
_TAKE_OUT = Prepared(
    delete(outbound_email_message).where(
        _m.project_id == bindparam("project_id"),
        _m.email_id == bindparam("email_id"),
        _m.comment_id == bindparam("comment_id"),
    )
)


async def take_batch(
    db: Db, services: Services, project_id: int, work_id: UUID, in_hand: Sequence[UUID]
) -> Sequence[TakenEmail] | None:
    """Take the queue and its next batch, which may be empty; None where other work is at it.

    Mails that the work has `in_hand` already are left out: they are due until it is recorded what became of them.
    """
    now = services.clock.now()
    if not await take_queue(db, project_id, work_id, now):
        return None
    rows = await db.rows(_CLAIM, project_id=project_id, now=now, in_hand=in_hand, limit=BATCH)
    if not rows:
        return ()
    emails = sorted(map(EMAIL, rows), key=lambda one: (one.created_at, one.id))
    ids = [one.id for one in emails]
    messages = await messages_of_emails(db, project_id, ids)
    kept = await _still_wanted(db, services, project_id, emails, messages, now)
    recipients = await recipients_of_emails(db, project_id, ids)
    return [TakenEmail(one, kept[one.id], recipients[one.id]) for one in emails if kept[one.id]]


async def _still_wanted(
    db: Db,
    services: Services,
    project_id: int,
    emails: Sequence[DueEmail],
    messages: Mapping[UUID, Sequence[DueMessage]],
    now: datetime,
) -> dict[UUID, list[DueMessage]]:
    """Return what each mail has left to say; messages that were removed, or read meanwhile, are taken out of it."""
    kept: dict[UUID, list[DueMessage]] = {}
    cancelled: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for one in emails:
        there = [message for message in messages[one.id] if not message.is_gone]
        left = [message for message in there if message.is_unread or one.kind != "unread"]
        kept[one.id] = left
        this = {"project_id": project_id, "email_id": one.id}
        if not left:
            cancelled.append({**this, "why": "read" if there else "deleted", "now": now})
            continue
        gone += [{**this, "comment_id": message.id} for message in messages[one.id] if message not in left]
    await db.each(_CANCEL, cancelled)
    await db.each(_TAKE_OUT, gone)
    changed = [message.id for one in cancelled for message in messages[one["email_id"]]]
    changed += [one["comment_id"] for one in gone]
    if changed:
        await show_status(db, services, project_id, changed)
    return kept
