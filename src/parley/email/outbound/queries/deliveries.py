"""What has become of mails: of those with some messages, and of all that are held or failed."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import and_, bindparam, select

from parley.email.outbound.rules.states import EmailState, RecipientKind, RecipientState
from parley.email.outbound.tables import outbound_email, outbound_email_message, outbound_recipient
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db

_m, _e = outbound_email_message.c, outbound_email.c
_WITH_MESSAGES = outbound_email_message.join(
    outbound_email, and_(_e.project_id == _m.project_id, _e.id == _m.email_id)
)
_r = outbound_recipient.c
_RECIPIENTS = Prepared(
    select(_r.kind, _r.state).where(
        _r.project_id == bindparam("project_id"), _r.email_id == bindparam("email_id")
    )
)


async def recipient_states(
    db: Db, project_id: int, email_id: UUID
) -> list[tuple[RecipientKind, RecipientState]]:
    """Return the states of the recipients of a mail (primary key)."""
    rows = await db.rows(_RECIPIENTS, project_id=project_id, email_id=email_id)
    return [(row[0], row[1]) for row in rows]


_STATES = Prepared(
    select(_m.comment_id, _e.state)
    .select_from(_WITH_MESSAGES)
    .where(_m.project_id == bindparam("project_id"), is_one_of(_m.comment_id, listed("ids", _m.comment_id)))
)


async def states_of(db: Db, project_id: int, comment_ids: Sequence[UUID]) -> dict[UUID, list[EmailState]]:
    """Return the states of the mails that some messages are in (primary keys)."""
    found: dict[UUID, list[EmailState]] = {}
    for comment_id, state in await db.rows(_STATES, project_id=project_id, ids=list(comment_ids)):
        found.setdefault(comment_id, []).append(state)
    return found
