"""A suggestion for a ticket, with or without a model. No transaction is open while a model thinks."""

from parley.accounts.access_levels.rules import check_at_least
from parley.accounts.organizations.queries import is_ai_data_processing_approved
from parley.conversations.ticket_api.queries.tickets import ticket_by_key
from parley.kernel.errors import PlainError
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, MINUTE_S, Limit, SlotLimit
from parley.knowledge.suggested_replies.actions.local import local_suggestion
from parley.knowledge.suggested_replies.actions.pipeline import model_suggestion
from parley.knowledge.suggested_replies.queries.conversation import latest_messages
from parley.knowledge.suggested_replies.schemas import SuggestionOut

NOT_APPROVED = {"detail": "AI data processing is not approved for this organization"}
NO_MESSAGES = {"detail": "No messages in this ticket"}
LIMITS = (Limit("suggestions-minute", 20, MINUTE_S), Limit("suggestions-hour", 200, HOUR_S))
MODEL_LIMITS = (Limit("model-suggestions-minute", 10, MINUTE_S), Limit("model-suggestions-hour", 100, HOUR_S))
"""What a member may ask for, unless limits are off: each suggestion costs, and those of a model cost money."""
OF_PROJECT = SlotLimit("suggestions-project", 4, wait_s=5)
OF_PROCESS = SlotLimit("suggestions-process", 16, wait_s=5)
"""So many suggestions are in the making at the same time, for one project and for all."""


async def suggested_reply(services: Services, actor: Actor, key: str) -> SuggestionOut:
    """Return a draft of a reply to a ticket, by a model where the settings name one.

    Raises NotFound, PermissionDenied below the level editor, Throttled, and PlainError with the bodies of the wire format.
    """
    model = services.settings.language_model
    if model is not None:
        await _check_approved(services, actor)
    ticket = await ticket_by_key(services.database, actor, key)
    check_at_least(ticket.user_access_level, "editor")
    if services.settings.limits_public:
        limits = LIMITS if model is None else MODEL_LIMITS
        await services.throttles.hit(*((limit, str(actor.user_id)) for limit in limits))
    with services.slots.taken((OF_PROJECT, str(actor.project_id)), (OF_PROCESS, "")):
        messages = await latest_messages(services.database, actor.project_id, ticket.id)
        if not messages:
            raise PlainError(400, NO_MESSAGES)
        if model is None:
            return await local_suggestion(services, actor, ticket, messages)
        return await model_suggestion(services, actor, model, ticket, messages)


async def _check_approved(services: Services, actor: Actor) -> None:
    """Raise PlainError (403) unless the organization has approved that a model reads its conversations."""
    if not await is_ai_data_processing_approved(services.database, actor.project.organization_id):
        raise PlainError(403, NOT_APPROVED)
