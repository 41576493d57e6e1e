"""The backlog is counted by the clock."""

from datetime import datetime

from parley.conversations.backlog_counts.actions import count_backlog
from parley.conversations.backlog_counts.queries import projects_with_backlog
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import Work, enqueue, job, work
from parley.kernel.services import Services

COUNT = "tickets.count_backlog"


@job("tickets.count_backlogs", daily_at="23:00")
async def count_all_backlogs(db: Db, services: Services) -> int:
    """Have the unresolved tickets of each project counted; return how many projects have some."""
    projects = await projects_with_backlog(db)
    payload = {"at": services.clock.now().isoformat()}
    for project_id in projects:
        await enqueue(db, COUNT, payload, project_id=project_id)
    return len(projects)


@work(COUNT)
async def count_backlog_of_project(services: Services, work: Work) -> None:
    """Store how many tickets of one project are unresolved. Safe to run twice."""
    async with work.turns, services.database.transaction() as db:
        await count_backlog(db, work.project_id, datetime.fromisoformat(work.payload["at"]))
