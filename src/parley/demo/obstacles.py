"""What speaks against demo data in a project: they would be told to people and programs as real conversations are."""

from collections.abc import Mapping
from typing import Any

from parley.accounts.projects.queries.projects import project_by_id
from parley.demo.queries import use_of_project
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.services import Services

MOST_OWN = 20
"""Tickets of one's own beside which demo data may come."""
TOLD_BY = {
    "slack_enabled": "Slack is connected",
    "notification_recipients": "members get mails about new conversations",
}
IN_USE = (
    "Demo data can't be loaded here, because {reason}: made-up conversations would be told as real ones are. "
    "Make another project for them."
)


async def demo_obstacle(services: Services, project_id: int) -> str | None:
    """Return the sentence that says why no demo data may come into a project; None where they may. Raises NotFound."""
    project = await project_by_id(services.database, project_id)
    if project is None:
        raise NotFound("Project not found.")
    async with services.database.transaction(write=False) as db:
        reason = _told_by(project.settings) or await _used_by(db, project_id)
    return IN_USE.format(reason=reason) if reason else None


def _told_by(settings: Mapping[str, Any]) -> str | None:
    return next((reason for name, reason in TOLD_BY.items() if settings.get(name)), None)


async def _used_by(db: Db, project_id: int) -> str | None:
    use = await use_of_project(db, project_id, MOST_OWN + 1)
    if use.n_tickets > MOST_OWN:
        return "the project is in use"
    if use.has_mail:
        return "answers are mailed"
    if use.has_webhooks:
        return "webhooks are called"
    return "conversions are sent to LinkedIn" if use.has_conversions else None
