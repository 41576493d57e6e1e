"""Mail that comes back (RFC 3464): it is shown on its messages, and counts against the address."""

from collections.abc import Sequence
from uuid import UUID

import msgspec
from sqlalchemy import bindparam, update

from parley.email.outbound.actions.status import show_status
from parley.email.outbound.queries.bounced import SentTo, is_alone, sent_to
from parley.email.outbound.queries.deliveries import comments_of_emails, recipient_states
from parley.email.outbound.rules.states import BAD_ADDRESS, email_state
from parley.email.outbound.tables import outbound_email, outbound_recipient
from parley.email.parsing.schemas import BouncedRecipient, ParsedBounce
from parley.email.reply_routes.actions import note_refusals
from parley.email.reply_routes.rules import valid_address
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

_e, _r = outbound_email.c, outbound_recipient.c
_TOLD = (
    _r.project_id == bindparam("in_project", type_=_r.project_id.type),
    _r.email_id == bindparam("of_email", type_=_r.email_id.type),
    _r.address == bindparam("to", type_=_r.address.type),
)
_CAME_BACK = Prepared(
    update(outbound_recipient)
    .where(*_TOLD, _r.bounced_at.is_(None))
    .values(
        state="bounced",
        bounced_at=bindparam("at", type_=_r.bounced_at.type),
        bounce=bindparam("said", type_=_r.bounce.type),
    )
    .returning(_r.address)
)
_IS_LATE = Prepared(
    update(outbound_recipient)
    .where(*_TOLD, _r.bounced_at.is_(None))
    .values(bounce=bindparam("said", type_=_r.bounce.type))
)
_FAIL = Prepared(
    update(outbound_email)
    .where(
        _e.project_id == bindparam("project_id"),
        _e.id == bindparam("email_id"),
        _e.state == "sent",
    )
    .values(state="failed", reason="bounced")
)


class NotedBounce(msgspec.Struct, frozen=True):
    """The mail that came back: its ticket, and its messages."""

    ticket_id: UUID
    comment_ids: Sequence[UUID]


async def note_bounce(
    db: Db, services: Services, project_id: int, original_message_id: str, bounce: ParsedBounce
) -> NotedBounce | None:
    """Note what a bounce says of a mail of ours; None where the id is none of ours. Safe to repeat.

    A forger must know an id that only recipients have. So it closes no address where others got mail of the ticket.
    """
    sent = await sent_to(db, project_id, original_message_id.strip().strip("<>"))
    if not sent:
        return None
    for about in bounce.recipients or (BouncedRecipient("", bounce.kind, bounce.status, bounce.diagnostic),):
        for one in _meant(sent, about):
            await _note(db, services, project_id, one, about)
    ids = list(dict.fromkeys(one.email_id for one in sent))
    comments = await comments_of_emails(db, project_id, ids)
    for id in ids:
        if email_state(await recipient_states(db, project_id, id)) == "failed":
            await db.rows(_FAIL, project_id=project_id, email_id=id)
    found = [id for ids in comments.values() for id in ids]
    await show_status(db, services, project_id, found)
    return NotedBounce(sent[0].ticket_id, found)


def _meant(sent: Sequence[SentTo], about: BouncedRecipient) -> list[SentTo]:
    """Return whom a bounce speaks of: who has the address or, since mail is forwarded, the only one there is."""
    address = valid_address(about.address)
    return [one for one in sent if one.address == address or len(sent) == 1]


async def _note(db: Db, services: Services, project_id: int, to: SentTo, about: BouncedRecipient) -> None:
    status = "" if about.status in about.diagnostic else about.status
    said = " ".join(f"{status} {about.diagnostic}".split())[:600]
    row = {"in_project": project_id, "of_email": to.email_id, "to": to.address, "said": said}
    if about.kind != "hard":
        await db.rows(_IS_LATE, **row)
        return
    now = services.clock.now()
    is_new = await db.row(_CAME_BACK, **row, at=now) is not None
    is_about_address = not about.status or about.status.startswith(BAD_ADDRESS)
    if is_new and is_about_address and await is_alone(db, project_id, to):
        await note_refusals(db, project_id, {to.address: said}, now)
