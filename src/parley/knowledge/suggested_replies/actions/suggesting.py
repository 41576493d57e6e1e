"""A suggestion for a ticket, with or without a model. No transaction is open while a model thinks."""

from parley.accounts.access_levels.rules import check_at_least
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.kernel.errors import PlainError
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit, SlotLimit
from parley.knowledge.suggested_replies.actions.local import local_suggestion
from parley.knowledge.suggested_replies.queries.conversation import latest_messages
from parley.knowledge.suggested_replies.schemas import SuggestionOut

NO_MESSAGES = {"detail": "No messages in this ticket"}
PER_MINUTE = Limit("suggestions-minute", 20, MINUTE_S)
PER_HOUR = Limit("suggestions-hour", 200, HOUR_S)
"""What a member may ask for, whatever PARLEY_RATE_LIMITS says: each suggestion costs."""
OF_PROJECT = SlotLimit("suggestions-project", 4, wait_s=5)
OF_PROCESS = SlotLimit("suggestions-process", 16, wait_s=5)
"""So many suggestions are in the making at the same time, for one project and for all."""


async def suggested_reply(services: Services, actor: Actor, key: str) -> SuggestionOut:
    """Return a draft of a reply to a ticket.

    Raises NotFound, PermissionDenied below the level editor, Throttled, and PlainError with the bodies of the wire format.
    """
    ticket = await ticket_by_key(services.database, actor, key)
    check_at_least(ticket.user_access_level, "editor")
    user = str(actor.user_id)
    await services.throttles.hit((PER_MINUTE, user), (PER_HOUR, user))
    with services.slots.taken((OF_PROJECT, str(actor.project_id)), (OF_PROCESS, "")):
        messages = await latest_messages(services.database, actor.project_id, ticket.id)
        if not messages:
            raise PlainError(400, NO_MESSAGES)
        return await local_suggestion(services, actor, ticket, messages)
