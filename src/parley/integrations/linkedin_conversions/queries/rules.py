"""Conversion rules."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from parley.integrations.linkedin_conversions.schemas import ActiveRule, ConversionRuleOut
from parley.integrations.linkedin_conversions.tables import linkedin_conversion_rule
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest

c = linkedin_conversion_rule.c
_RULE = StructColumns(ConversionRuleOut, linkedin_conversion_rule)
_ACTIVE = StructColumns(ActiveRule, linkedin_conversion_rule)


async def rules_page(db: Db, project_id: int, asked: PageRequest) -> tuple[int, list[ConversionRuleOut]]:
    """Return how many rules the project has, and some of them, oldest first (primary key; they are few)."""
    page = select(*_RULE.columns).where(c.project_id == project_id).order_by(c.id)
    rows = await db.execute(page.limit(asked.limit).offset(asked.offset))
    return await n_rules(db, project_id), [_RULE(row) for row in rows]


async def n_rules(db: Db, project_id: int) -> int:
    """Count the project's rules (primary key)."""
    counted = select(func.count()).select_from(linkedin_conversion_rule).where(c.project_id == project_id)
    count: int = (await db.execute(counted)).scalar_one()
    return count


async def rule_by_id(db: Db, project_id: int, rule_id: UUID | None) -> ConversionRuleOut:
    """Return one rule (primary key); raises NotFound."""
    wanted = select(*_RULE.columns).where(c.project_id == project_id, c.id == rule_id)
    row = (await db.execute(wanted)).first()
    if row is None:
        raise NotFound
    return _RULE(row)


async def active_rules(db: Db) -> Sequence[ActiveRule]:
    """Return all rules that are switched on, of every project; there are few on a server."""
    rows = await db.execute(select(*_ACTIVE.columns).where(c.enabled).order_by(c.project_id, c.id))
    return [_ACTIVE(row) for row in rows]


async def is_any_active(db: Db) -> bool:
    """Say whether anybody sends conversions."""
    return (await db.execute(select(c.id).where(c.enabled).limit(1))).first() is not None
