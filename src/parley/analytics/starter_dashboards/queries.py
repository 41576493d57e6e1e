"""Which starter dashboards a project has, and in whose name they are made."""

from sqlalchemy import select

from parley.accounts.memberships.acting import acting
from parley.accounts.memberships.queries import active_members
from parley.accounts.memberships.tables import membership
from parley.accounts.users.tables import user_account
from parley.analytics.dashboards.tables import dashboard
from parley.analytics.starter_dashboards.tables import starter_dashboard
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor, Project


async def is_there(db: Db, project_id: int, name: str) -> bool:
    """Say whether the project has the dashboard, not deleted; held until the transaction ends (primary keys)."""
    columns = starter_dashboard.c
    found = (
        select(dashboard.c.id)
        .select_from(starter_dashboard)
        .join(
            dashboard,
            (dashboard.c.project_id == columns.project_id) & (dashboard.c.id == columns.dashboard_id),
        )
        .where(columns.project_id == project_id, columns.name == name, dashboard.c.deleted.is_(False))
        .with_for_update(of=starter_dashboard)
    )
    return (await db.execute(found)).first() is not None


async def dashboard_ids(db: Db, project_id: int) -> dict[str, int]:
    """Return the numbers of the starter dashboards by their names, deleted ones among them (primary key)."""
    columns = starter_dashboard.c
    found = select(columns.name, columns.dashboard_id).where(columns.project_id == project_id)
    return {row.name: row.dashboard_id for row in await db.execute(found) if row.dashboard_id is not None}


async def maker(db: Db, project: Project, user_id: int) -> Actor | None:
    """Return the member as who acts in the project, or its longest owner where that one is gone; None without any."""
    found = (
        active_members(project)
        .order_by((user_account.c.id == user_id).desc(), membership.c.level.desc(), membership.c.joined_at)
        .limit(1)
    )
    row = (await db.execute(found)).first()
    return None if row is None else acting(project, row)
