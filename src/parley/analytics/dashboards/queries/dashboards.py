"""Dashboards of a project. Every member sees all of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, func, or_, select

from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.analytics.dashboards.rules.filters import DashboardFilters
from parley.analytics.dashboards.schemas import StoredDashboard
from parley.analytics.dashboards.tables import dashboard
from parley.analytics.insights.rules.naming import number_of
from parley.analytics.sharing.tables import sharing_configuration
from parley.kernel.database.bulk import is_one_of, listed
from parley.kernel.database.dialect import folded_holds, json_array_holds
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.paging import PageRequest

_DASHBOARD = StructColumns(StoredDashboard, dashboard, created_by=USER.or_none())
_STORED: Select[Any] = (
    select(*_DASHBOARD.columns)
    .select_from(dashboard)
    .outerjoin(user_account, user_account.c.id == dashboard.c.created_by)
)


async def dashboard_by_key(
    db: Db, project_id: int, key: str, *, with_deleted: bool = False, is_held: bool = False
) -> StoredDashboard:
    """Return a dashboard by its number (primary key); raises NotFound.

    With `is_held` nobody else can change it or its tiles until the transaction ends.
    """
    number = number_of(key)
    if number is None:
        raise NotFound
    found = _STORED.where(dashboard.c.project_id == project_id, dashboard.c.id == number)
    if not with_deleted:
        found = found.where(dashboard.c.deleted.is_(False))
    row = (await db.execute(found.with_for_update(of=dashboard) if is_held else found)).first()
    if row is None:
        raise NotFound
    return _DASHBOARD(row)


async def dashboard_page(
    db: Db, project_id: int, filters: DashboardFilters, asked: PageRequest
) -> tuple[int, list[StoredDashboard]]:
    """Return how many dashboards match, and a page of them: pinned ones first, then the newest (ix_dashboard_created)."""
    matching = [dashboard.c.project_id == project_id, dashboard.c.deleted.is_(filters.deleted)]
    if filters.pinned is not None:
        matching.append(dashboard.c.pinned == filters.pinned)
    if filters.created_by is not None:
        matching.append(dashboard.c.created_by == filters.created_by)
    if filters.search is not None:
        texts = (func.coalesce(dashboard.c.name, ""), dashboard.c.description)
        has_tag = json_array_holds(dashboard.c.tags, filters.search)
        matching.append(or_(has_tag, *(folded_holds(text, filters.search) for text in texts)))
    if filters.tags:
        matching.append(or_(*(json_array_holds(dashboard.c.tags, tag) for tag in filters.tags)))
    count = (await db.execute(select(func.count()).select_from(dashboard).where(*matching))).scalar_one()
    order = (dashboard.c.pinned.desc(), dashboard.c.created_at.desc(), dashboard.c.id.desc())
    page = _STORED.where(*matching).order_by(*order).limit(asked.limit).offset(asked.offset)
    return count, [_DASHBOARD(row) for row in await db.execute(page)]


async def shared_dashboards(db: Db, project_id: int, ids: Sequence[int]) -> set[str]:
    """Return the numbers, as text, of those that are shared now (uq_sharing_configuration_target)."""
    columns = sharing_configuration.c
    found = select(columns.target_id).where(
        columns.project_id == project_id,
        columns.target_type == "dashboard",
        is_one_of(columns.target_id, listed("ids", columns.target_id)),
        columns.enabled,
        columns.expires_at.is_(None),
    )
    return set((await db.execute(found, {"ids": [str(id) for id in ids]})).scalars())
