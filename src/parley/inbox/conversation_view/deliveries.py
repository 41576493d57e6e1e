"""Beside a conversation: how an answer would go out, by mail or text message, and what became of those that did."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from parley.conversations.messages.queries.text_states import text_states
from parley.conversations.messages.schemas import MessageOut
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_changes.rules.changes import sends_mail
from parley.email.outbound.queries.deliveries import deliveries_of
from parley.email.outbound.sentences import DeliveryView, delivery_view
from parley.inbox.ticket_rows.customers import merged_numbers
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

TEXT_KINDS = {"sending": "waiting", "sent": "sent", "delivered": "sent", "failed": "failed"}


async def deliveries_by_message(
    services: Services, actor: Actor, ticket: TicketOut, messages: Sequence[MessageOut]
) -> Mapping[UUID, Sequence[DeliveryView]]:
    """Return what became of the mails and text messages that some messages of a ticket are in."""
    ids = [one.id for one in messages if one.message_type == "sent_reply"]
    views: dict[UUID, list[DeliveryView]] = {}
    if ids and sends_mail(actor.project.settings):
        async with services.database.transaction(write=False) as db:
            found = await deliveries_of(db, actor.project_id, ids)
        for email in found:
            view = delivery_view(email)
            for id in email.message_ids if view is not None else ():
                views.setdefault(id, []).append(view)  # type: ignore[arg-type]
    if ids and (ticket.channel_source in ("email", "sms", "slack") or merged_numbers(ticket)):
        for id, state, text in await text_states(services.database, actor.project_id, ids):
            views.setdefault(id, []).append(DeliveryView(TEXT_KINDS[state], text))
    return views
