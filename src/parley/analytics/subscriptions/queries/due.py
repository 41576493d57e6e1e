"""Subscriptions whose time has come."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, exists, select

from parley.accounts.memberships.tables import membership
from parley.accounts.projects.tables import project
from parley.accounts.users.tables import user_account
from parley.analytics.dashboards.tables import dashboard
from parley.analytics.insights.tables import insight
from parley.analytics.subscriptions.tables import IS_LIVE, subscription
from parley.kernel.database.transaction import Db

c = subscription.c
_IS_OWNER_HERE = and_(
    membership.c.user_id == c.created_by, membership.c.organization_id == project.c.organization_id
)
_WITH_OWNER = (
    subscription.join(project, project.c.id == c.project_id)
    .outerjoin(user_account, user_account.c.id == c.created_by)
    .outerjoin(membership, _IS_OWNER_HERE)
    .outerjoin(insight, and_(insight.c.project_id == c.project_id, insight.c.id == c.insight_id))
    .outerjoin(dashboard, and_(dashboard.c.project_id == c.project_id, dashboard.c.id == c.dashboard_id))
)


async def is_any_due(db: Db, now: datetime) -> bool:
    """Say whether a subscription is due (ix_subscription_due)."""
    found = select(exists().where(IS_LIVE, c.next_delivery_date <= now))
    return bool((await db.execute(found)).scalar_one())


async def due_subscriptions(db: Db, now: datetime, limit: int) -> Sequence[Row[Any]]:
    """Return those that are due longest, held; others that hold some are at those (ix_subscription_due)."""
    facts = (
        project.c.timezone,
        (user_account.c.is_active & membership.c.user_id.is_not(None)).label("has_owner"),
        insight.c.deleted.label("is_insight_deleted"),
        dashboard.c.deleted.label("is_dashboard_deleted"),
    )
    due = select(subscription, *facts).select_from(_WITH_OWNER)
    due = due.where(IS_LIVE, c.next_delivery_date <= now).order_by(c.next_delivery_date, c.project_id, c.id)
    held = due.limit(limit).with_for_update(of=subscription, skip_locked=True)
    return (await db.execute(held)).all()
