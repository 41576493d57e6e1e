"""What speaks against demo data in a project: they would be told to people and programs as real conversations are."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from parley.accounts.projects.queries.projects import project_by_id
from parley.demo.queries import ProjectUse, use_of_project
from parley.kernel.errors import Invalid, NotFound
from parley.kernel.ids import made_at
from parley.kernel.jobs import Event
from parley.kernel.services import Services

MOST_OWN = 20
"""Tickets of one's own beside which demo data may come."""
TOLD_BY = {
    "slack_enabled": "Slack is connected",
    "notification_recipients": "members get mails about new conversations",
}
LATE = timedelta(hours=1)
"""A piece of demo data is made within minutes, unless it failed. Work is given up after eight hours, and may be revived."""
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
        use = await use_of_project(db, project_id, MOST_OWN + 1)
    is_in_use = "the project is in use" if use.n_tickets > MOST_OWN else None
    reason = is_in_use or _told_by(project.settings, use)
    return IN_USE.format(reason=reason) if reason else None


async def check_may_still_come(services: Services, asked: Event) -> None:
    """Raise Invalid where a piece comes late, and somebody would be told of it by now; a part of the tickets is there."""
    project = await project_by_id(services.database, asked.project_id)
    if project is None or services.clock.now() - made_at(asked.id) < LATE:
        return
    async with services.database.transaction(write=False) as db:
        reason = _told_by(project.settings, await use_of_project(db, project.id, 0))
    if reason:
        raise Invalid(IN_USE.format(reason=reason))


def _told_by(settings: Mapping[str, Any], use: ProjectUse) -> str | None:
    by_settings = next((reason for name, reason in TOLD_BY.items() if settings.get(name)), None)
    if by_settings is not None:
        return by_settings
    if use.has_mail:
        return "answers are mailed"
    if use.has_webhooks:
        return "webhooks are called"
    return "conversions are sent to LinkedIn" if use.has_conversions else None
