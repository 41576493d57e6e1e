"""Subscriptions of a project. Every member sees all of them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from parley.accounts.users.queries import USER
from parley.accounts.users.tables import user_account
from parley.analytics.dashboards.tables import dashboard
from parley.analytics.insights.tables import insight
from parley.analytics.subscriptions.rules.filters import SubscriptionFilters, number_of
from parley.analytics.subscriptions.rules.summary import summary_of
from parley.analytics.subscriptions.schemas import StoredSubscription, SubscriptionOut
from parley.analytics.subscriptions.tables import subscription
from parley.kernel.database.dialect import folded_holds
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Actor
from parley.kernel.http.paging import PageRequest
from parley.kernel.secrets import Vault

c = subscription.c
_NAME_OF_INSIGHT = func.coalesce(func.nullif(insight.c.name, ""), insight.c.derived_name)
STORED = StructColumns(
    StoredSubscription,
    subscription,
    created_by=USER.or_none(),
    insight_short_id=insight.c.short_id,
    insight_name=_NAME_OF_INSIGHT,
    dashboard_name=dashboard.c.name,
)
WITH_NAMES = (
    subscription.outerjoin(user_account, user_account.c.id == c.created_by)
    .outerjoin(insight, and_(insight.c.project_id == c.project_id, insight.c.id == c.insight_id))
    .outerjoin(dashboard, and_(dashboard.c.project_id == c.project_id, dashboard.c.id == c.dashboard_id))
)
_ALL: Select[Any] = select(*STORED.columns).select_from(WITH_NAMES)
_SEARCHED = (c.title, insight.c.name, insight.c.derived_name, dashboard.c.name)


def subscription_key(project_id: int, id: int) -> ColumnElement[bool]:
    """Return the condition that names one subscription (primary key)."""
    return and_(c.project_id == project_id, c.id == id)


async def subscription_by_key(db: Db, project_id: int, key: str) -> StoredSubscription:
    """Return a subscription by its number in a path, deleted or not; raises NotFound."""
    id = number_of(key)
    found = None if id is None else await subscription_or_none(db, project_id, id)
    if found is None:
        raise NotFound
    return found


async def subscription_or_none(
    db: Db, project_id: int, id: int, *, is_held: bool = False
) -> StoredSubscription | None:
    """Return a subscription (primary key); with `is_held` nobody else changes it until the transaction ends."""
    found = _ALL.where(subscription_key(project_id, id))
    row = (await db.execute(found.with_for_update(of=subscription) if is_held else found)).first()
    return STORED(row) if row else None


async def subscription_page(
    db: Db, project_id: int, filters: SubscriptionFilters, asked: PageRequest
) -> tuple[int, list[StoredSubscription]]:
    """Return how many subscriptions match, and a page of them.

    Served by ix_subscription_created; a project has few enough to sort and search them.
    """
    matching = (c.project_id == project_id, *_conditions(filters))
    counted = select(func.count()).select_from(WITH_NAMES).where(*matching)
    count = (await db.execute(counted)).scalar_one()
    page = _ALL.where(*matching).order_by(*_order(filters)).limit(asked.limit).offset(asked.offset)
    return count, [STORED(row) for row in await db.execute(page)]


def _conditions(filters: SubscriptionFilters) -> Sequence[ColumnElement[bool]]:
    wanted: list[ColumnElement[bool]] = [c.deleted.is_(filters.deleted)]
    if filters.insight is not None:
        wanted.append(c.insight_id == filters.insight)
    if filters.dashboard is not None:
        wanted.append(c.dashboard_id == filters.dashboard)
    if filters.created_by is not None:
        wanted.append(user_account.c.uuid == filters.created_by)
    if filters.resource_type is not None:
        wanted.append((c.insight_id if filters.resource_type == "insight" else c.dashboard_id).is_not(None))
    if filters.target_type is not None:
        wanted.append(c.target_type == filters.target_type)
    if filters.search:
        texts = (func.coalesce(text, "") for text in _SEARCHED)
        wanted.append(or_(*(folded_holds(text, filters.search) for text in texts)))
    return wanted


def _order(filters: SubscriptionFilters) -> Sequence[ColumnElement[Any]]:
    column = user_account.c.email if filters.order == "created_by__email" else c[filters.order]
    if filters.is_descending:
        return (column.desc().nulls_last(), c.id.desc())
    return (column.asc().nulls_last(), c.id.asc())


async def live_count(db: Db, project_id: int) -> int:
    """Return how many subscriptions a project keeps, deleted ones left out (ix_subscription_created)."""
    counted = select(func.count()).where(c.project_id == project_id, c.deleted.is_(False))
    count: int = (await db.execute(counted)).scalar_one()
    return count


def shown_subscription(found: StoredSubscription, actor: Actor, vault: Vault) -> SubscriptionOut:
    """Return a subscription as the caller sees it."""
    target_value = found.target_value
    if found.target_type == "webhook" and found.target_url and actor.principal.has("subscription:write"):
        target_value = (
            vault.decrypt(found.target_url) if vault.can_decrypt(found.target_url) else target_value
        )
    same = {
        name: getattr(found, name)
        for name in SubscriptionOut.__struct_fields__
        if name in StoredSubscription.__struct_fields__
    }
    same |= {
        "target_value": target_value,
        "dashboard_export_insights": found.dashboard_export_insights or [],
    }
    return SubscriptionOut(
        **same,
        dashboard=found.dashboard_id,
        insight=found.insight_id,
        content_type=found.kind,
        resource_type=found.kind,
        resource_name=found.resource_name,
        summary=summary_of(found.rule),
    )
