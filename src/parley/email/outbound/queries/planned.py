"""What has to be known before an answer is planned as mails."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, bindparam, func, or_, select

from parley.accounts.projects.tables import project
from parley.conversations.tickets.tables import comment, ticket
from parley.email.outbound.rules.brake import Traffic
from parley.email.outbound.tables import (
    HELD,
    outbound_email,
    outbound_email_message,
    outbound_queue,
    outbound_recipient,
)
from parley.email.reply_routes.queries import ANSWERED, AnsweredTicket
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db


class AnswerToPlan(msgspec.Struct, frozen=True, kw_only=True):
    """A public message of the team, with the ticket whose people it is for."""

    comment_id: UUID
    created_at: datetime
    settings: dict[str, Any]
    conversations_enabled: bool
    ticket: AnsweredTicket


_there = ticket.alias("there")
_ANSWER = StructColumns(
    AnswerToPlan,
    comment_id=comment.c.id,
    created_at=comment.c.created_at,
    settings=project.c.conversations_settings,
    conversations_enabled=project.c.conversations_enabled,
    ticket=ANSWERED,
)
_ANSWER_OF = Prepared(
    select(*_ANSWER.columns)
    .select_from(
        comment.join(
            _there, and_(_there.c.project_id == comment.c.project_id, _there.c.id == comment.c.ticket_id)
        )
        .join(
            ticket,
            and_(
                ticket.c.project_id == comment.c.project_id,
                ticket.c.id == func.coalesce(comment.c.via_ticket_id, comment.c.ticket_id),
            ),
        )
        .join(project, project.c.id == comment.c.project_id)
    )
    .where(
        comment.c.project_id == bindparam("project_id"),
        comment.c.id == bindparam("comment_id"),
        comment.c.deleted.is_(False),
        comment.c.is_private.is_(False),
        _there.c.deleted_at.is_(None),
    )
)


async def answer_to_plan(db: Db, project_id: int, comment_id: UUID) -> AnswerToPlan | None:
    """Return a message that is still there, on a ticket that is still there (primary keys)."""
    row = await db.row(_ANSWER_OF, project_id=project_id, comment_id=comment_id)
    return _ANSWER(row) if row else None


_m, _e, _r = outbound_email_message.c, outbound_email.c, outbound_recipient.c
_IS_PLANNED = Prepared(
    select(_m.email_id)
    .where(_m.project_id == bindparam("project_id"), _m.comment_id == bindparam("comment_id"))
    .limit(1)
)


async def is_planned(db: Db, project_id: int, comment_id: UUID) -> bool:
    """Say whether a message is in any mail (primary key)."""
    return await db.row(_IS_PLANNED, project_id=project_id, comment_id=comment_id) is not None


class Burst(msgspec.Struct, frozen=True):
    """A mail of answers that the widget hasn't shown yet; more may join it."""

    id: UUID
    created_at: datetime


_BURST = Prepared(
    select(_e.id, _e.created_at)
    .select_from(
        outbound_email.join(outbound_recipient, and_(_r.project_id == _e.project_id, _r.email_id == _e.id))
    )
    .where(
        _e.project_id == bindparam("project_id"),
        _e.ticket_id == bindparam("ticket_id"),
        _e.kind == "unread",
        or_(_e.state == "waiting", _e.state == "held"),
        _e.attempts == 0,
        _r.kind == "to",
        _r.address == bindparam("address"),
    )
    .order_by(_e.created_at.desc())
    .limit(1)
    .with_for_update(of=outbound_email)  # whoever sends it takes it before it looks what is in it
)


async def open_burst(db: Db, project_id: int, ticket_id: UUID, address: str) -> Burst | None:
    """Return the mail to an address that waits for more answers (ix_outbound_email_ticket)."""
    row = await db.row(_BURST, project_id=project_id, ticket_id=ticket_id, address=address)
    return Burst(*row) if row else None


_COUNTED = (
    _e.project_id == bindparam("project_id"),
    # What is of the future was written under a wrong clock. Somebody who resumes must not find it counted again.
    _e.created_at.between(
        bindparam("since", type_=_e.created_at.type), bindparam("until", type_=_e.created_at.type)
    ),
    _e.state != "held",
    _e.state != "cancelled",
)
_BUSIEST = (
    select(func.count().label("n"))
    .select_from(
        outbound_recipient.join(outbound_email, and_(_e.project_id == _r.project_id, _e.id == _r.email_id))
    )
    .where(
        _r.project_id == bindparam("project_id"),
        is_one_of(_r.address, listed("addresses", _r.address)),
        _r.created_at > bindparam("since", type_=_r.created_at.type),
        *_COUNTED,
    )
    .group_by(_r.address)
    .subquery("busiest")
)
_OF_TICKET = (_e.project_id == bindparam("project_id"), _e.ticket_id == bindparam("ticket_id"))
_MINE_HELD = select(_e.id).where(_e.project_id == bindparam("project_id"), HELD)
_TRAFFIC = Prepared(
    select(
        select(func.coalesce(func.max(_BUSIEST.c.n), 0)).scalar_subquery(),
        select(func.count()).select_from(outbound_email).where(*_COUNTED, *_OF_TICKET).scalar_subquery(),
        select(func.count()).select_from(outbound_email).where(*_COUNTED).scalar_subquery(),
        _MINE_HELD.where(*_OF_TICKET).exists(),
        _MINE_HELD.where(_e.reason == "project_limit").exists(),
    )
)


async def traffic(
    db: Db, project_id: int, ticket_id: UUID, addresses: Sequence[str], since: datetime, until: datetime
) -> Traffic:
    """Count the mails from one time to another.

    Served by ix_outbound_email_recent, ix_outbound_email_ticket, ix_outbound_email_held and the index of addresses.
    """
    row: Sequence[Any] | None = await db.row(
        _TRAFFIC,
        project_id=project_id,
        ticket_id=ticket_id,
        addresses=list(addresses),
        since=since,
        until=until,
    )
    assert row is not None
    to_recipient, of_ticket, of_project, is_ticket_held, is_project_held = row
    return Traffic(
        to_recipient=to_recipient,
        of_ticket=of_ticket,
        of_project=of_project,
        is_ticket_held=bool(is_ticket_held),
        is_project_held=bool(is_project_held),
    )


_RESUMED = Prepared(
    select(outbound_queue.c.resumed_at).where(outbound_queue.c.project_id == bindparam("project_id"))
)


async def resumed_at(db: Db, project_id: int) -> datetime | None:
    """Return when somebody let held mails out last (primary key)."""
    row = await db.row(_RESUMED, project_id=project_id)
    found: datetime | None = row[0] if row else None
    return found
