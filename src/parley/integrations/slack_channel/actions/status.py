"""What a message of the team says of its way to Slack."""

from uuid import UUID

from parley.conversations.ticket_changes.actions.announcing import announce
from parley.conversations.ticket_changes.rules.changes import message_edited
from parley.conversations.ticket_changes.rules.log import TicketRef
from parley.conversations.tickets.actions.messages import set_context
from parley.conversations.tickets.queries.messages import locked_context
from parley.conversations.tickets.rules.comments import SLACK_DETAIL_KEY, SLACK_STATUS_KEY
from parley.integrations.slack_channel.queries.posts import posts_of_comment
from parley.integrations.slack_channel.rules.posts import delivery_status
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services

SYNCED_KEY = "slack_synced_ts"


async def show_status(db: Db, services: Services, project_id: int, comment_id: UUID) -> None:
    """Have an answer say what has become of its posts, in its context. Safe to repeat."""
    found = await locked_context(db, project_id, comment_id)
    if found is None:
        return
    before, ticket_id, number = found
    posts = await posts_of_comment(db, project_id, comment_id)
    status = delivery_status([one.state for one in posts])
    said = {
        SLACK_STATUS_KEY: status,
        SLACK_DETAIL_KEY: next((one.error for one in posts if one.error), None),
        SYNCED_KEY: next((one.ts for one in posts if one.ts), None),
    }
    after = {name: value for name, value in before.items() if name not in said}
    after |= {name: value for name, value in said.items() if value is not None}
    if after != before:
        await set_context(db, project_id, comment_id, after)
        about = TicketRef(project_id, ticket_id, number)
        await announce(db, services, message_edited(about, comment_id))
