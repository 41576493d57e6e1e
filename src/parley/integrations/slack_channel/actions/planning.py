"""What is to go to Slack: planned in the transaction that causes it, or that handles its event; sent by work of its own."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import insert

from parley.accounts.projects.queries.projects import projects_by_ids
from parley.integrations.slack_channel.actions.status import show_status
from parley.integrations.slack_channel.queries.posts import answer_by_id, posts_of_comment, threads_of
from parley.integrations.slack_channel.rules.decisions import is_on, notification_channel
from parley.integrations.slack_channel.rules.events import SlackMessage
from parley.integrations.slack_channel.tables import slack_post
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_uuid
from parley.kernel.jobs import enqueue
from parley.kernel.services import Services

SEND_POST, CHANGE_POST = "slack_channel.send_post", "slack_channel.change_post"
QUEUE = "outbound"


async def _plan(db: Db, services: Services, project_id: int, **values: Any) -> None:
    id = new_uuid()
    given = {"state": "waiting", "files_sent": 0, "about": {}, "created_at": services.clock.now()} | values
    await db.execute(insert(slack_post).values(project_id=project_id, id=id, **given))
    await enqueue(db, SEND_POST, {"id": str(id)}, project_id=project_id, queue=QUEUE)


async def plan_confirmation(
    db: Db, services: Services, project_id: int, ticket_id: UUID, message: SlackMessage
) -> None:
    """Have it said in the thread that there is a ticket, in the transaction that opens it."""
    place = {"channel_id": message.channel_id, "thread_ts": message.root_ts}
    await _plan(db, services, project_id, kind="confirmation", ticket_id=ticket_id, **place)


async def plan_answer(db: Db, services: Services, project_id: int, comment_id: UUID) -> None:
    """Have a public message of the team posted into the threads of its ticket, if it has any. Safe to repeat."""
    answer = await answer_by_id(db, project_id, comment_id)
    if answer is None or answer.deleted or answer.is_private:
        return
    threads = await threads_of(db, project_id, answer)
    if not threads or await posts_of_comment(db, project_id, comment_id):
        return
    for one in threads:
        place = {"channel_id": one.channel_id, "thread_ts": one.thread_ts}
        await _plan(
            db, services, project_id, kind="answer", ticket_id=one.ticket_id, comment_id=comment_id, **place
        )  # fmt: skip
    await show_status(db, services, project_id, comment_id)


async def plan_change(db: Db, project_id: int, comment_id: UUID) -> None:
    """Have it changed in Slack what the team has edited or removed."""
    for one in await posts_of_comment(db, project_id, comment_id):
        if one.state == "sent":
            await enqueue(db, CHANGE_POST, {"id": str(one.id)}, project_id=project_id, queue=QUEUE)


async def plan_notice(
    db: Db, services: Services, project_id: int, kind: str, ticket_id: UUID, about: Mapping[str, Any]
) -> None:
    """Have the team told in its channel, where the project has named one; once for each event that is handled."""
    project = (await projects_by_ids(db, [project_id])).get(project_id)
    channel = notification_channel(project.settings) if project and is_on(project.settings) else None
    if channel is not None:
        await _plan(
            db, services, project_id, kind=kind, ticket_id=ticket_id, channel_id=channel, about=dict(about)
        )  # fmt: skip
