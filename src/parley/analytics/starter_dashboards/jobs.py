"""A new project gets its dashboards."""

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.analytics.starter_dashboards.actions import add_starter_dashboards
from parley.analytics.starter_dashboards.queries import maker
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Event, on
from parley.kernel.services import Services


@on("project.created", "starter_dashboards.add")
async def add_dashboards(db: Db, services: Services, event: Event) -> None:
    """Make the dashboards that a new project begins with, in the name of who made it."""
    project = (await projects_by_ids(db, [event.project_id])).get(event.project_id)
    actor = None if project is None else await maker(db, project, event.payload["user_id"])
    if actor is not None:
        await add_starter_dashboards(db, services, actor)
