"""Messages that go out, and what they are made of."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import and_, false, func, or_, select

from parley.accounts.projects.tables import project
from parley.conversations.tickets.tables import comment, ticket
from parley.integrations.sms.tables import sms_contact
from parley.integrations.sms_outbound.rules.states import SKEW, WINDOW, State
from parley.integrations.sms_outbound.schemas import DueText, SmsMessageOut
from parley.integrations.sms_outbound.tables import HELD, WAITING, sms_brake, sms_message
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.paging import PageRequest

_m, _k = sms_message.c, sms_contact.c
_ON_COMMENT = and_(comment.c.project_id == _m.project_id, comment.c.id == _m.comment_id)
_ON_TICKET = and_(ticket.c.project_id == comment.c.project_id, ticket.c.id == comment.c.ticket_id)


class AnswerToText(msgspec.Struct, frozen=True, kw_only=True):
    """A public answer, and the ticket whose customer it is for: of an answer to a merged ticket that one."""

    ticket_id: UUID
    content: str
    item_context: dict[str, Any]
    settings: dict[str, Any]
    is_enabled: bool


_ANSWER = StructColumns(
    AnswerToText,
    ticket_id=func.coalesce(comment.c.via_ticket_id, comment.c.ticket_id),
    content=comment.c.content,
    item_context=comment.c.item_context,
    settings=project.c.conversations_settings,
    is_enabled=project.c.conversations_enabled,
)


async def answer_to_text(db: Db, project_id: int, comment_id: UUID) -> AnswerToText | None:
    """Return an answer that is still there, on a ticket that is still there (primary keys)."""
    found = (
        select(*_ANSWER.columns)
        .select_from(comment.join(ticket, _ON_TICKET).join(project, project.c.id == comment.c.project_id))
        .where(
            comment.c.project_id == project_id,
            comment.c.id == comment_id,
            comment.c.deleted == false(),
            comment.c.is_private == false(),
            ticket.c.deleted_at.is_(None),
        )
    )
    row = (await db.execute(found)).first()
    return _ANSWER(row) if row else None


async def states_of_answer(db: Db, project_id: int, comment_id: UUID) -> Sequence[tuple[State, str | None]]:
    """Return the states of the messages that an answer has become, each with its detail (unique key)."""
    mine = (_m.project_id == project_id, _m.comment_id == comment_id)
    rows: Any = await db.execute(select(_m.state, _m.detail).where(*mine).order_by(_m.part))
    return [(row[0], row[1]) for row in rows]


class TextTraffic(msgspec.Struct, frozen=True):
    """How many messages the last hour has seen, and why others of the same number, or of the project, are held."""

    to_number: int
    of_project: int
    held: frozenset[str]


async def traffic(db: Db, project_id: int, contact_id: UUID, now: datetime) -> TextTraffic:
    """Count messages since somebody let held ones go, within an hour (ix_sms_message_recent, ix_sms_message_held)."""
    resumed: datetime | None = (
        await db.execute(select(sms_brake.c.resumed_at).where(sms_brake.c.project_id == project_id))
    ).scalar_one_or_none()
    counted = and_(
        _m.project_id == project_id,
        _m.created_at > max(now - WINDOW, resumed or now - WINDOW),
        _m.created_at <= now + SKEW,  # what is of the future was written under a wrong clock
        _m.state.in_(("waiting", "sending", "sent", "delivered")),
    )
    mine = func.count().filter(_m.contact_id == contact_id)
    row: Any = (await db.execute(select(mine, func.count()).where(counted))).one()
    held = select(_m.reason).where(
        _m.project_id == project_id, HELD, or_(_m.contact_id == contact_id, _m.reason == "project_limit")
    )
    return TextTraffic(row[0], row[1], frozenset((await db.execute(held)).scalars()))


_DUE = StructColumns(
    DueText,
    sms_message,
    is_gone=or_(comment.c.deleted, comment.c.is_private, ticket.c.deleted_at.is_not(None)),
)


async def first_open_text(db: Db, project_id: int, contact_id: UUID, now: datetime) -> DueText | None:
    """Return the oldest message of a contact that is not settled, if it is due: none overtakes another.

    Served by ix_sms_message_contact.
    """
    found = (
        select(*_DUE.columns, _m.next_at)
        .select_from(sms_message.join(comment, _ON_COMMENT).join(ticket, _ON_TICKET))
        .where(
            _m.project_id == project_id,
            _m.contact_id == contact_id,
            or_(_m.state == "waiting", _m.state == "sending"),
        )
        .order_by(_m.created_at, _m.part)
        .limit(1)
    )
    row: Any = (await db.execute(found)).first()
    return _DUE(row) if row and row[-1] is not None and row[-1] <= now else None


async def contacts_with_due_texts(db: Db, now: datetime, *, limit: int) -> Sequence[tuple[int, UUID]]:
    """Return contacts with messages that are due, of all projects (ix_sms_message_due)."""
    found = select(_m.project_id, _m.contact_id).where(WAITING, _m.next_at <= now).distinct().limit(limit)
    rows: Any = await db.execute(found)
    return [(row[0], row[1]) for row in rows]


async def known_sids(db: Db, project_id: int, contact_id: UUID) -> set[str]:
    """Return how Twilio calls the messages to a contact of which it has told us (ix_sms_message_contact)."""
    mine = (_m.project_id == project_id, _m.contact_id == contact_id, _m.sid.is_not(None))
    rows = await db.execute(select(_m.sid).where(*mine).order_by(_m.created_at.desc()).limit(200))
    return set(rows.scalars())


_SHOWN = StructColumns(
    SmsMessageOut,
    sms_message,
    ticket_number=ticket.c.number,
    message_id=_m.comment_id,
    phone_number=_k.number,
    own_number=_k.own_number,
)


async def messages_page(
    db: Db, project_id: int, state: str | None, asked: PageRequest
) -> tuple[int, list[SmsMessageOut]]:
    """Return how many messages have a state, or any, and some of them, the latest first (ix_sms_message_recent)."""
    wanted = [_m.project_id == project_id, *([_m.state == state] if state else ())]
    count = (await db.execute(select(func.count()).select_from(sms_message).where(*wanted))).scalar_one()
    page: Any = (
        select(*_SHOWN.columns)
        .select_from(
            sms_message.join(comment, _ON_COMMENT)
            .join(ticket, _ON_TICKET)
            .join(sms_contact, and_(_k.project_id == _m.project_id, _k.id == _m.contact_id))
        )
        .where(*wanted)
        .order_by(_m.created_at.desc(), _m.id)
    )
    rows = await db.execute(page.limit(asked.limit).offset(asked.offset))
    return count, [_SHOWN(row) for row in rows]


class KnownText(msgspec.Struct, frozen=True):
    """A message that a report is about, locked."""

    id: UUID
    state: State
    comment_id: UUID


_KNOWN = StructColumns(KnownText, sms_message)


async def reported_text(db: Db, project_id: int, id: UUID | None, sid: str) -> KnownText | None:
    """Lock the message that Twilio calls `sid`, or that has this id and no name yet (ix_sms_message_sid, primary key)."""
    mine = [_m.sid == sid, *([and_(_m.id == id, _m.sid.is_(None))] if id else ())]
    found = select(*_KNOWN.columns).where(_m.project_id == project_id, or_(*mine)).limit(1).with_for_update()
    row = (await db.execute(found)).first()
    return _KNOWN(row) if row else None
