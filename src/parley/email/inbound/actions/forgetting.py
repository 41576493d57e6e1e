"""Raw mails and rows of the ledger go: by the clock, with their tickets, and with the people who are erased."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import bindparam, update

from parley.conversations.files.actions.erasing import DELETE_OBJECTS
from parley.email.inbound.queries.forgetting import (
    ForgettableRow,
    old_raw_mails,
    rows_of_people,
    rows_of_tickets,
)
from parley.email.inbound.rules.states import SENTENCES
from parley.email.inbound.tables import inbound_message
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import enqueue

c = inbound_message.c
BATCH = 500
_THESE = (c.project_id == bindparam("in_project"), is_one_of(c.id, listed("ids", c.id)))
_WITHOUT_RAW = Prepared(update(inbound_message).where(*_THESE).values(raw_key=None))
# The digests stay: whoever deletes a ticket doesn't want its mails back when a mailbox is fetched anew.
_EMPTIED = Prepared(
    update(inbound_message)
    .where(*_THESE)
    .values(
        raw_key=None,
        envelope_from=None,
        recipient="",
        message_id=None,
        subject="",
        from_address="",
        authentication=None,
        ticket_id=None,
        ticket_number=None,
        comment_id=None,
        state="ignored",
        reason="erased",
        detail=SENTENCES["erased"],
    )
)


async def forget_old_raw(db: Db, project_id: int, now: datetime, kept_days: int) -> int:
    """Forget raw mails that were processed so many days ago, at most a batch; return how many. Rows stay."""
    rows = await old_raw_mails(db, project_id, now - timedelta(days=kept_days), limit=BATCH)
    if rows:
        await db.rows(_WITHOUT_RAW, in_project=project_id, ids=[one.id for one in rows])
        await _delete_objects(db, project_id, rows)
    return len(rows)


async def forget_mails_of_tickets(db: Db, project_id: int, ticket_ids: Sequence[UUID]) -> int:
    """Empty the rows of mails that are on these tickets, and forget their raw mails; return how many. Safe to repeat."""
    return await _empty(db, project_id, await rows_of_tickets(db, project_id, ticket_ids))


async def erase_mails(db: Db, project_id: int, ticket_ids: Sequence[UUID], addresses: Sequence[str]) -> int:
    """Empty the rows of mails that these people sent, or that are on these tickets; return how many."""
    rows = [
        *await rows_of_tickets(db, project_id, ticket_ids),
        *await rows_of_people(db, project_id, addresses),
    ]
    return await _empty(db, project_id, list({one.id: one for one in rows}.values()))


async def _empty(db: Db, project_id: int, rows: Sequence[ForgettableRow]) -> int:
    for at in range(0, len(rows), BATCH):
        some = rows[at : at + BATCH]
        await db.rows(_EMPTIED, in_project=project_id, ids=[one.id for one in some])
        await _delete_objects(db, project_id, some)
    return len(rows)


async def _delete_objects(db: Db, project_id: int, rows: Sequence[ForgettableRow]) -> None:
    keys = [one.raw_key for one in rows if one.raw_key is not None]
    if keys:
        await enqueue(db, DELETE_OBJECTS, {"keys": keys}, project_id=project_id)
