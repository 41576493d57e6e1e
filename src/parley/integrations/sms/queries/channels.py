"""Numbers that are channels, and who has opted out."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select

from parley.integrations.sms.schemas import OptOutOut, SmsChannel
from parley.integrations.sms.tables import sms_channel, sms_contact
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest
from parley.kernel.ids import uuid_or_none

_c, _k = sms_channel.c, sms_contact.c
_CHANNEL = StructColumns(SmsChannel, sms_channel)


def channel_key(project_id: int, id: UUID) -> ColumnElement[bool]:
    """Return the condition that names one channel (primary key)."""
    return and_(_c.project_id == project_id, _c.id == id)


async def sms_channels_of(db: Db, project_id: int) -> list[SmsChannel]:
    """Return the project's numbers, oldest first (primary key; they are few)."""
    return await _channels(db, _c.project_id == project_id)


async def sms_channel_by_id(db: Db, project_id: int, given: str | UUID) -> SmsChannel:
    """Return one of the project's numbers (primary key); raises NotFound."""
    id = given if isinstance(given, UUID) else uuid_or_none(given)
    found = await _channels(db, channel_key(project_id, id)) if id else []
    if not found:
        raise NotFound
    return found[0]


async def sms_channel_of_number(db: Db, project_id: int, number: str) -> SmsChannel | None:
    """Return the channel of one of our numbers (unique key)."""
    found = await _channels(db, and_(_c.project_id == project_id, _c.number == number))
    return found[0] if found else None


async def sms_channels_outside(db: Db, account_sid: str, number: str) -> list[SmsChannel]:
    """Return the channels of this number of this account, in whichever project (ix_sms_channel_outside).

    For what Twilio sends: the caller still has to prove that it is Twilio, by the account of the channel.
    """
    return await _channels(db, and_(_c.account_sid == account_sid, _c.number == number))


async def _channels(db: Db, wanted: ColumnElement[bool]) -> list[SmsChannel]:
    rows = await db.execute(select(*_CHANNEL.columns).where(wanted).order_by(_c.created_at, _c.id))
    return [_CHANNEL(row) for row in rows]


async def opt_outs_page(db: Db, project_id: int, asked: PageRequest) -> tuple[int, Sequence[OptOutOut]]:
    """Return how many numbers have opted out, and some of them, the latest first (ix_sms_contact_opted_out)."""
    wanted = (_k.project_id == project_id, _k.opted_out_at.is_not(None))
    count = (await db.execute(select(func.count()).select_from(sms_contact).where(*wanted))).scalar_one()
    page: Any = select(_k.number, _k.own_number, _k.opted_out_at, _k.opted_out_by).where(*wanted)
    page = page.order_by(_k.opted_out_at.desc(), _k.id).limit(asked.limit).offset(asked.offset)
    rows: Any = await db.execute(page)
    return count, [
        OptOutOut(phone_number=row[0], own_number=row[1], opted_out_at=row[2], opted_out_by=row[3] or "")
        for row in rows
    ]
