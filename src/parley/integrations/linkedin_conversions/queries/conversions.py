"""The log of conversions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, func, select

from parley.integrations.linkedin_conversions.schemas import ConversionOut, ConversionToSend
from parley.integrations.linkedin_conversions.tables import linkedin_conversion, linkedin_conversion_rule
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.http.paging import PageRequest
from parley.people.events.tables import event

c, rule = linkedin_conversion.c, linkedin_conversion_rule.c
_SHOWN = StructColumns(ConversionOut, linkedin_conversion)
_TO_SEND = StructColumns(
    ConversionToSend,
    linkedin_conversion,
    integration_id=rule.integration_id,
    conversion_rule_id=rule.conversion_rule_id,
    amount=rule.amount,
    currency=rule.currency,
)

IS_EVENT_OF_PEOPLE = (
    select(event.c.id)
    .where(event.c.project_id == c.project_id, event.c.id == c.event_id)
    .where(is_one_of(event.c.distinct_id, listed("distinct_ids", event.c.distinct_id)))
    .correlate(linkedin_conversion)
    .exists()
)
"""Of a conversion: it is about an event of people with these `distinct_ids` (primary key of events)."""


async def conversions_page(
    db: Db, project_id: int, rule_id: UUID, state: str | None, asked: PageRequest
) -> tuple[int, list[ConversionOut]]:
    """Return how many conversions a rule has caused, and some of them, newest first (ix_linkedin_conversion_log)."""
    mine = [c.project_id == project_id, c.rule_id == rule_id, *([c.state == state] if state else [])]
    count = (
        await db.execute(select(func.count()).select_from(linkedin_conversion).where(*mine))
    ).scalar_one()
    page = select(*_SHOWN.columns).where(*mine).order_by(c.id.desc())
    rows = await db.execute(page.limit(asked.limit).offset(asked.offset))
    return count, [_SHOWN(row) for row in rows]


async def conversion_to_send(db: Db, project_id: int, conversion_id: UUID) -> ConversionToSend | None:
    """Return a conversion that still waits, with its rule; None once it is done, or the rule is gone or switched off."""
    is_of_rule = (rule.project_id == c.project_id) & (rule.id == c.rule_id)
    wanted = (
        select(*_TO_SEND.columns)
        .join(linkedin_conversion_rule, is_of_rule)
        .where(c.project_id == project_id, c.id == conversion_id, c.state == "pending", rule.enabled)
    )
    row = (await db.execute(wanted)).first()
    return _TO_SEND(row) if row else None


async def outdated(db: Db, before: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return the keys of the oldest conversions from before this moment (ix_linkedin_conversion_age)."""
    wanted = select(c.project_id, c.id).where(c.created_at < before).order_by(c.created_at).limit(limit)
    return (await db.execute(wanted)).all()


async def lost(db: Db, before: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return the keys of conversions that were due before this moment and still wait (ix_linkedin_conversion_due)."""
    wanted = select(c.project_id, c.id).where(c.state == "pending", c.next_at < before)
    return (await db.execute(wanted.order_by(c.next_at).limit(limit))).all()
