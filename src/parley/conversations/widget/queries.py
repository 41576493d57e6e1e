"""What the widget reads of other features: a project to demonstrate."""

from sqlalchemy import func, select, true

from parley.accounts.organizations.tables import organization
from parley.accounts.projects.tables import project
from parley.kernel.database.database import Database
from parley.kernel.database.prepared import Prepared

# Few rows: both are read whole, and only by the demo page.
FIRST_PROJECT = Prepared(
    select(project.c.id).where(project.c.conversations_enabled == true()).order_by(project.c.id).limit(1)
)
ORGANIZATIONS = Prepared(select(func.count()).select_from(select(organization.c.id).limit(2).subquery()))


async def only_demo_project_id(database: Database) -> int | None:
    """Return the first project with conversations on, where there is exactly one organization."""
    if (await database.read(ORGANIZATIONS))[0][0] != 1:
        return None
    rows = await database.read(FIRST_PROJECT)
    return int(rows[0][0]) if rows else None
