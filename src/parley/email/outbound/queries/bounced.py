"""The mail that a bounce tells of."""

from uuid import UUID

import msgspec
from sqlalchemy import and_, bindparam, select

from parley.email.outbound.tables import outbound_email, outbound_recipient
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

_e, _r = outbound_email.c, outbound_recipient.c
_TOLD = outbound_email.join(outbound_recipient, and_(_r.project_id == _e.project_id, _r.email_id == _e.id))


class SentTo(msgspec.Struct, frozen=True):
    """Somebody who was sent a mail."""

    email_id: UUID
    ticket_id: UUID
    address: str


_SENT_TO = Prepared(
    select(_e.id, _e.ticket_id, _r.address)
    .select_from(_TOLD)
    .where(_e.project_id == bindparam("project_id"), _e.message_id == bindparam("message_id"))
    .order_by(_e.id, _r.address)
)
_OTHERS = Prepared(
    select(_r.address)
    .select_from(_TOLD)
    .where(_e.project_id == bindparam("project_id"), _e.ticket_id == bindparam("ticket_id"))
    .where(_r.address != bindparam("of_address"))
    .limit(1)
)


async def is_alone(db: Db, project_id: int, to: SentTo) -> bool:
    """Say whether nobody else was sent any mail of the ticket (ix_outbound_email_ticket)."""
    ids = {"project_id": project_id, "ticket_id": to.ticket_id, "of_address": to.address}
    return await db.row(_OTHERS, **ids) is None


async def sent_to(db: Db, project_id: int, message_id: str) -> list[SentTo]:
    """Return who was sent the mail with this id (ix_outbound_email_message_id)."""
    rows = await db.rows(_SENT_TO, project_id=project_id, message_id=message_id)
    return [SentTo(*row) for row in rows]
