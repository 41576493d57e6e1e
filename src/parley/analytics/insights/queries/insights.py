"""Insights of a project. Every member sees all of them."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select

from parley.accounts.users.schemas import UserBasic
from parley.accounts.users.tables import user_account
from parley.analytics.insights.rules.filters import InsightFilters
from parley.analytics.insights.rules.naming import number_of
from parley.analytics.insights.schemas import StoredInsight
from parley.analytics.insights.tables import insight
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.dialect import folded_holds, json_array_holds
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest

_CREATOR, _MODIFIER = user_account.alias("creator"), user_account.alias("modifier")
_INSIGHT = StructColumns(
    StoredInsight,
    insight,
    created_by=StructColumns(UserBasic, _CREATOR).or_none(),
    last_modified_by=StructColumns(UserBasic, _MODIFIER).or_none(),
)
_STORED: Select[Any] = (
    select(*_INSIGHT.columns)
    .select_from(insight)
    .outerjoin(_CREATOR, _CREATOR.c.id == insight.c.created_by)
    .outerjoin(_MODIFIER, _MODIFIER.c.id == insight.c.last_modified_by)
)
_SEARCHED = (
    func.coalesce(insight.c.name, ""),
    func.coalesce(insight.c.derived_name, ""),
    insight.c.description,
)


async def insight_by_key(
    db: Db, project_id: int, key: str, *, with_deleted: bool = False, is_held: bool = False
) -> StoredInsight:
    """Return an insight by its number or its short id (primary key, unique key); raises NotFound.

    With `is_held` nobody else can change it until the transaction ends.
    """
    number = number_of(key)
    is_it = insight.c.short_id == key if number is None else insight.c.id == number
    found = _STORED.where(insight.c.project_id == project_id, is_it)
    if not with_deleted:
        found = found.where(insight.c.deleted.is_(False))
    row = (await db.execute(found.with_for_update(of=insight) if is_held else found)).first()
    if row is None:
        raise NotFound
    return _INSIGHT(row)


async def insights_by_ids(db: Db, project_id: int, ids: Sequence[int]) -> dict[int, StoredInsight]:
    """Return those of these insights that are there and not deleted, by their numbers (primary key)."""
    if not ids:
        return {}
    mine = (insight.c.project_id == project_id, insight.c.deleted.is_(False))
    found = _STORED.where(*mine, is_one_of(insight.c.id, listed("ids", insight.c.id)))
    rows = await db.execute(found, {"ids": list(ids)})
    return {one.id: one for one in map(_INSIGHT, rows)}


async def insight_page(
    db: Db, project_id: int, filters: InsightFilters, asked: PageRequest
) -> tuple[int, list[StoredInsight]]:
    """Return how many insights match, and a page of them.

    Served by ix_insight_modified; a project has few enough insights to sort and search them.
    """
    is_wanted = insight.c.deleted.is_(filters.deleted)
    matching = (insight.c.project_id == project_id, is_wanted, *_conditions(filters))
    counted = (
        select(func.count()).select_from(insight).outerjoin(_CREATOR, _CREATOR.c.id == insight.c.created_by)
    )
    count = (await db.execute(counted.where(*matching))).scalar_one()
    column = insight.c[filters.order]
    order = (column.desc(), insight.c.id.desc()) if filters.is_descending else (column, insight.c.id)
    page = _STORED.where(*matching).order_by(*order).limit(asked.limit).offset(asked.offset)
    return count, [_INSIGHT(row) for row in await db.execute(page)]


def _conditions(filters: InsightFilters) -> list[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [
        insight.c[name] == value
        for name in ("short_id", "saved", "favorited", "kind")
        if (value := getattr(filters, name)) is not None
    ]
    if isinstance(filters.created_by, UUID):
        wanted.append(_CREATOR.c.uuid == filters.created_by)
    elif filters.created_by is not None:
        wanted.append(insight.c.created_by == filters.created_by)
    if filters.search is not None:
        has_tag = json_array_holds(insight.c.tags, filters.search)
        wanted.append(or_(has_tag, *(folded_holds(text, filters.search) for text in _SEARCHED)))
    if filters.date_from is not None:
        wanted.append(insight.c.last_modified_at >= filters.date_from)
    if filters.date_to is not None:
        wanted.append(insight.c.last_modified_at <= filters.date_to)
    if filters.tags:
        wanted.append(or_(*(json_array_holds(insight.c.tags, tag) for tag in filters.tags)))
    return wanted
