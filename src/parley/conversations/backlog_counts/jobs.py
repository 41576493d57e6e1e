"""The backlog is counted by the clock."""

from parley.conversations.backlog_counts.actions import count_backlogs
from parley.kernel.database.transaction import Db
from parley.kernel.jobs import job
from parley.kernel.services import Services


@job("tickets.count_backlogs", daily_at="23:00")
async def count_all_backlogs(db: Db, services: Services) -> int:
    """Store for each project how many of its tickets are unresolved; return how many projects that were."""
    return await count_backlogs(db, services.clock.now())
