"""What has become of mails: of those with some messages, and of all that a project has sent."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, bindparam, func, select

from parley.conversations.tickets.tables import ticket
from parley.email.outbound.rules.states import EmailState, RecipientKind, RecipientState
from parley.email.outbound.schemas import OutboundEmailOut, OutboundRecipientOut
from parley.email.outbound.tables import outbound_email, outbound_email_message, outbound_recipient
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.paging import PageRequest

_m, _e, _r = outbound_email_message.c, outbound_email.c, outbound_recipient.c
_OURS: Any = bindparam("project_id")
_STATES_OF_RECIPIENTS = Prepared(
    select(_r.kind, _r.state).where(_r.project_id == _OURS, _r.email_id == bindparam("email_id"))
)


async def recipient_states(
    db: Db, project_id: int, email_id: UUID
) -> list[tuple[RecipientKind, RecipientState]]:
    """Return the states of the recipients of a mail (primary key)."""
    rows = await db.rows(_STATES_OF_RECIPIENTS, project_id=project_id, email_id=email_id)
    return [(row[0], row[1]) for row in rows]


_WITH_MESSAGES = outbound_email_message.join(
    outbound_email, and_(_e.project_id == _m.project_id, _e.id == _m.email_id)
)
_STATES = Prepared(
    select(_m.comment_id, _e.state)
    .select_from(_WITH_MESSAGES)
    .where(_m.project_id == _OURS, is_one_of(_m.comment_id, listed("ids", _m.comment_id)))
)


async def states_of(db: Db, project_id: int, comment_ids: Sequence[UUID]) -> dict[UUID, list[EmailState]]:
    """Return the states of the mails that some messages are in (primary keys)."""
    found: dict[UUID, list[EmailState]] = {}
    for comment_id, state in await db.rows(_STATES, project_id=project_id, ids=list(comment_ids)):
        found.setdefault(comment_id, []).append(state)
    return found


_COMMENTS = Prepared(
    select(_m.email_id, _m.comment_id)
    .where(_m.project_id == _OURS, is_one_of(_m.email_id, listed("ids", _m.email_id)))
    .order_by(_m.email_id, _m.comment_id)
)


async def comments_of_emails(db: Db, project_id: int, ids: Sequence[UUID]) -> dict[UUID, list[UUID]]:
    """Return the messages of some mails, oldest first (index of project and mail)."""
    found: dict[UUID, list[UUID]] = {id: [] for id in ids}
    for email_id, comment_id in await db.rows(_COMMENTS, project_id=project_id, ids=list(ids)):
        found[email_id].append(comment_id)
    return found


class _Email(msgspec.Struct, frozen=True, kw_only=True):
    """The columns of a mail that are shown."""

    id: UUID
    ticket_id: UUID
    ticket_number: int
    kind: str
    state: EmailState
    reason: str | None
    subject: str
    message_id: str
    attempts: int
    next_at: Any
    last_error: str | None
    created_at: Any
    finished_at: Any


_EMAIL = StructColumns(_Email, outbound_email, ticket_number=ticket.c.number)
_EMAILS = select(*_EMAIL.columns).select_from(
    outbound_email.join(ticket, and_(ticket.c.project_id == _e.project_id, ticket.c.id == _e.ticket_id))
)
_RECIPIENT = StructColumns(OutboundRecipientOut, outbound_recipient)
_RECIPIENTS = Prepared(
    select(*_RECIPIENT.columns, _r.email_id)
    .where(_r.project_id == _OURS, is_one_of(_r.email_id, listed("ids", _r.email_id)))
    .order_by(_r.email_id, _r.kind.desc(), _r.address)
)


async def _shown(db: Db, project_id: int, emails: Sequence[_Email]) -> list[OutboundEmailOut]:
    ids = [one.id for one in emails]
    recipients: Mapping[UUID, list[OutboundRecipientOut]] = {id: [] for id in ids}
    for row in await db.rows(_RECIPIENTS, project_id=project_id, ids=ids):
        recipients[row[-1]].append(_RECIPIENT(row))
    comments = await comments_of_emails(db, project_id, ids)
    return [
        OutboundEmailOut(
            **msgspec.structs.asdict(one), message_ids=comments[one.id], recipients=recipients[one.id]
        )
        for one in emails
    ]


_OF_MESSAGES = Prepared(
    _EMAILS.where(
        _e.project_id == _OURS,
        select(_m.email_id)
        .where(
            _m.project_id == _e.project_id,
            _m.email_id == _e.id,
            is_one_of(_m.comment_id, listed("ids", _m.comment_id)),
        )
        .exists(),
    ).order_by(_e.created_at, _e.id)
)


async def deliveries_of(db: Db, project_id: int, comment_ids: Sequence[UUID]) -> list[OutboundEmailOut]:
    """Return the mails that some messages are in, oldest first (primary keys)."""
    rows = await db.rows(_OF_MESSAGES, project_id=project_id, ids=list(comment_ids))
    return await _shown(db, project_id, [_EMAIL(row) for row in rows])


_TO_ADDRESSES = Prepared(
    _EMAILS.where(
        _e.project_id == _OURS,
        _e.id.in_(
            select(_r.email_id).where(
                _r.project_id == _OURS, is_one_of(_r.address, listed("addresses", _r.address))
            )
        ),
    ).order_by(_e.created_at, _e.id)
)


async def mails_to(db: Db, project_id: int, addresses: Sequence[str]) -> list[OutboundEmailOut]:
    """Return the mails to some addresses, oldest first (index of project, address and time)."""
    rows = await db.rows(_TO_ADDRESSES, project_id=project_id, addresses=list(addresses))
    return await _shown(db, project_id, [_EMAIL(row) for row in rows])


def email_state_of(text: str | None) -> EmailState | None:
    """Read the filter of a list; None where it names no state."""
    states: tuple[EmailState, ...] = get_args(EmailState)
    return next((state for state in states if state == text), None)


async def emails_page(
    db: Db,
    project_id: int,
    state: EmailState | None,
    asked: PageRequest,
    *,
    is_tried: bool = False,
    channel_ids: Sequence[UUID] | None = None,
) -> tuple[int, list[OutboundEmailOut]]:
    """Return how many mails of a project there are, and a page of them, newest first (primary key).

    With `is_tried`, they are those that were handed over at least once, or were to be; with `channel_ids`, those by these.
    """
    wanted: list[ColumnElement[bool]] = [_e.project_id == project_id]
    if state is not None:
        wanted.append(_e.state == state)
    if is_tried:
        wanted.append(_e.attempts > 0)
    if channel_ids is not None:
        wanted.append(_e.channel_id.in_(channel_ids))
    count = (await db.execute(select(func.count()).select_from(outbound_email).where(*wanted))).scalar_one()
    page = _EMAILS.where(*wanted).order_by(_e.id.desc()).limit(asked.limit).offset(asked.offset)
    return count, await _shown(db, project_id, [_EMAIL(row) for row in await db.execute(page)])
