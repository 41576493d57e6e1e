"""Background work of the Slack channel."""

from datetime import timedelta
from uuid import UUID

from parley.conversations.ticket_api.queries.assignee_names import assignee_name
from parley.integrations.slack_channel.actions import sending, taking
from parley.integrations.slack_channel.actions.planning import (
    CHANGE_POST,
    SEND_POST,
    plan_answer,
    plan_change,
    plan_notice,
)
from parley.integrations.slack_channel.actions.receiving import TAKE_EVENT, forget_events
from parley.kernel.database.transaction import Db
from parley.kernel.errors import AppError
from parley.kernel.jobs import Event, Work, job, on, work
from parley.kernel.services import Services

EVENT_RETRIES_S = (2, 5, 30, 120, 600)
POST_RETRIES_S = (2, 5, 30, 120, 600, 1800, 3600, 7200)


def sentence_of(error: Exception) -> str:
    """Return what is said of a failure: its sentence, or of a fault of the program its kind."""
    return (
        error.detail if isinstance(error, AppError) else f"The program has failed ({type(error).__name__})."
    )


@work(TAKE_EVENT, retries_s=EVENT_RETRIES_S, timeout_s=180)
async def take_slack_event(services: Services, work: Work) -> None:
    """Make a message of what somebody has written in Slack, or change one. Safe to repeat."""
    id, is_last = UUID(work.payload["id"]), work.attempts >= len(EVENT_RETRIES_S)
    try:
        await taking.take_event(services, work.project_id, id, may_wait=not is_last)
    except Exception as error:
        if is_last:
            await taking.give_up(services, work.project_id, id, sentence_of(error))
        if not is_last or not isinstance(error, AppError):
            raise


@work(SEND_POST, retries_s=POST_RETRIES_S, timeout_s=180)
async def send_slack_post(services: Services, work: Work) -> None:
    """Post an answer or a notice in Slack. After a crash it is looked up whether it is there already."""
    id, is_last = UUID(work.payload["id"]), work.attempts >= len(POST_RETRIES_S)
    try:
        await sending.send_post(services, work.project_id, id, may_wait=not is_last)
    except Exception as error:
        if is_last:
            await sending.give_up(services, work.project_id, id, sentence_of(error))
        elif isinstance(error, AppError):
            await sending.note_attempt(services, work.project_id, id, error.detail)
        if not is_last or not isinstance(error, AppError):
            raise


@work(CHANGE_POST, retries_s=POST_RETRIES_S)
async def change_slack_post(services: Services, work: Work) -> None:
    """Change or remove in Slack what was changed or removed here. Safe to repeat."""
    await sending.change_post(services, work.project_id, UUID(work.payload["id"]))


@on("ticket.answered", "slack_channel.plan_answer")
async def plan_slack_answer(db: Db, services: Services, event: Event) -> None:
    """Plan how an answer of the team reaches the threads in Slack."""
    await plan_answer(db, services, event.project_id, UUID(event.payload["comment_id"]))


@on("message.edited", "slack_channel.plan_change")
async def plan_slack_change(db: Db, _: Services, event: Event) -> None:
    """Have an answer changed in Slack that was edited or removed."""
    await plan_change(db, event.project_id, UUID(event.payload["comment_id"]))


@on("ticket.first_message_received", "slack_channel.tell_of_conversation")
async def tell_of_new_conversation(db: Db, services: Services, event: Event) -> None:
    """Tell the team's channel of a new conversation."""
    ticket_id = UUID(event.payload["ticket_id"])
    await plan_notice(db, services, event.project_id, "new_conversation", ticket_id, {})


@on("ticket.assigned", "slack_channel.tell_of_assignment")
async def tell_of_assignment(db: Db, services: Services, event: Event) -> None:
    """Tell the team's channel to whom a conversation was assigned."""
    name = await assignee_name(db, event.payload["user_id"], event.payload["role_id"])
    ticket_id = UUID(event.payload["ticket_id"])
    about = {"assignee": name}
    await plan_notice(db, services, event.project_id, "assignment", ticket_id, about)


@job("slack_channel.forget_events", every=timedelta(hours=6), deletes=True)
async def forget_slack_events(db: Db, services: Services) -> int:
    """Forget which events have come, when Slack has long given up sending them again. Safe to run twice."""
    return await forget_events(db, services.clock.now())
