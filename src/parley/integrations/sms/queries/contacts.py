"""Customers by their numbers, locked to be changed, and messages of theirs that wait for their files."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, and_, false, or_, select, true

from parley.accounts.projects.tables import project
from parley.integrations.sms.rules.numbers import MAX_NUMBER
from parley.integrations.sms.schemas import UNNUMBERED, SmsContact
from parley.integrations.sms.tables import sms_contact, sms_inbound, sms_thread
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.ids import uuid_or_none

_k, _t = sms_contact.c, sms_thread.c
_CONTACT = StructColumns(SmsContact, sms_contact)


def contact_key(project_id: int, id: UUID) -> ColumnElement[bool]:
    """Return the condition that names one contact (primary key)."""
    return and_(_k.project_id == project_id, _k.id == id)


def contacts_of_people(project_id: int, distinct_ids: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that names the contacts of people by their distinct ids (ix_sms_contact_number, primary key)."""
    numbers = [one for one in distinct_ids if one.startswith("+") and len(one) <= MAX_NUMBER]
    others = [one.removeprefix(UNNUMBERED) for one in distinct_ids if one.startswith(UNNUMBERED)]
    ids = [id for one in others if (id := uuid_or_none(one)) is not None]
    return and_(_k.project_id == project_id, or_(_k.number.in_(numbers), _k.id.in_(ids)))


async def locked_contact(db: Db, project_id: int, id: UUID) -> SmsContact | None:
    """Lock a contact until the transaction ends (primary key)."""
    return await _locked(db, contact_key(project_id, id))


async def locked_contact_of(db: Db, project_id: int, own_number: str, number: str) -> SmsContact | None:
    """Lock the contact with these two numbers until the transaction ends (unique key)."""
    return await _locked(
        db, and_(_k.project_id == project_id, _k.own_number == own_number, _k.number == number)
    )


async def _locked(db: Db, wanted: ColumnElement[bool]) -> SmsContact | None:
    row = (await db.execute(select(*_CONTACT.columns).where(wanted).with_for_update())).first()
    return _CONTACT(row) if row else None


async def has_opted_out(db: Db, contact: SmsContact) -> bool:
    """Say whether a contact gets no messages (ix_sms_contact_number): the one place that decides.

    Whoever says STOP to one number of a project means all of them.
    """
    here_or_all = or_(_k.own_number == contact.own_number, _k.stops_all == true())
    stopped = and_(*_of_number(contact), _k.opted_out_at.is_not(None), here_or_all)
    return (await db.execute(select(_k.id).where(stopped).limit(1))).first() is not None


async def stopped_beside(db: Db, project_id: int, id: UUID) -> list[UUID]:
    """Return which contacts of a contact's customer, at all numbers of the project, get no messages."""
    row = (await db.execute(select(*_CONTACT.columns).where(contact_key(project_id, id)))).first()
    if row is None:
        return []
    rows = await db.execute(select(*_CONTACT.columns).where(*_of_number(_CONTACT(row))))
    return [one.id for one in map(_CONTACT, rows) if await has_opted_out(db, one)]


def _of_number(contact: SmsContact) -> tuple[ColumnElement[bool], ...]:
    return _k.project_id == contact.project_id, _k.number == contact.number


async def contact_of_ticket(db: Db, project_id: int, ticket_id: UUID) -> SmsContact | None:
    """Return whom the answers on a ticket are for (primary keys), not locked; None on a ticket of another channel."""
    joined = sms_contact.join(sms_thread, and_(_t.project_id == _k.project_id, _t.contact_id == _k.id))
    mine = (_t.project_id == project_id, _t.ticket_id == ticket_id)
    row = (await db.execute(select(*_CONTACT.columns).select_from(joined).where(*mine))).first()
    return _CONTACT(row) if row else None


class WaitingText(msgspec.Struct, frozen=True):
    """A message that came in and isn't on a ticket yet."""

    contact_id: UUID
    channel_id: UUID
    body: str
    media: list[str]


_WAITING = StructColumns(WaitingText, sms_inbound)


async def waiting_text(db: Db, project_id: int, sid: str, *, for_change: bool = False) -> WaitingText | None:
    """Return a message that isn't on a ticket yet (primary key)."""
    c = sms_inbound.c
    found = select(*_WAITING.columns).where(c.project_id == project_id, c.sid == sid, c.is_settled == false())
    row = (await db.execute(found.with_for_update() if for_change else found)).first()
    return _WAITING(row) if row else None


async def kept_sids(db: Db, project_id: int) -> list[str]:
    """Return the messages that aren't on a ticket yet, in the order in which they came (primary key)."""
    c = sms_inbound.c
    waiting = select(c.sid).where(c.project_id == project_id, c.is_settled == false())
    return list((await db.execute(waiting.order_by(c.received_at, c.sid))).scalars())


async def projects_with_kept(db: Db, before: datetime) -> list[int]:
    """Return projects with conversations in which messages wait that came before this moment (ix_sms_inbound_old)."""
    c = sms_inbound.c
    joined = sms_inbound.join(project, project.c.id == c.project_id)
    waiting = (c.is_settled == false(), c.received_at < before, project.c.conversations_enabled == true())
    return list(
        (await db.execute(select(c.project_id).select_from(joined).where(*waiting).distinct())).scalars()
    )
