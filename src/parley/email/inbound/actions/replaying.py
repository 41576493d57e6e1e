"""A mail of the ledger is interpreted once more, because somebody of the team wants that."""

from uuid import UUID

from sqlalchemy import bindparam, update

from parley.email.inbound.access import check_may_replay
from parley.email.inbound.actions.receiving import INTERPRET, QUEUE
from parley.email.inbound.queries.ledger import has_comment, inbound_message_by_id, ledger_row
from parley.email.inbound.rules.states import WANTED_BY_HAND
from parley.email.inbound.schemas import InboundMessageOut
from parley.email.inbound.tables import inbound_message
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor
from parley.kernel.jobs import enqueue

c = inbound_message.c
_RECEIVED_AGAIN = Prepared(
    update(inbound_message)
    .where(c.project_id == bindparam("in_project"), c.id == bindparam("row_id", type_=c.id.type))
    .values(state="received", reason=None, detail=None)
)


async def replay(db: Db, actor: Actor, row_id: UUID) -> InboundMessageOut:
    """Have a mail interpreted anew; what was ignored becomes a message then. Safe to repeat.

    Nothing happens where its message is there. Raises NotFound, PermissionDenied, and Invalid where its raw form is gone.
    """
    check_may_replay(actor)
    row = await ledger_row(db, actor.project_id, row_id)
    if row.comment_id is not None and await has_comment(db, row.project_id, row.comment_id):
        return await inbound_message_by_id(db, actor.project_id, row_id)
    if row.raw_key is None:
        raise Invalid("The raw mail is deleted, so nothing can be replayed.", code="raw_gone")
    await db.rows(_RECEIVED_AGAIN, in_project=row.project_id, row_id=row.id)
    about = {"id": str(row.id), "is_forced": row.state in WANTED_BY_HAND}
    await enqueue(db, INTERPRET, about, project_id=row.project_id, queue=QUEUE)
    return await inbound_message_by_id(db, actor.project_id, row_id)
