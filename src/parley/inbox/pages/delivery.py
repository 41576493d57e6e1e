"""Mail beside a conversation: how an answer would go out, and what became of those that did."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from parley.conversations.messages.schemas import MessageOut
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_changes.rules.changes import sends_mail
from parley.email.outbound.queries.deliveries import deliveries_of
from parley.email.outbound.schemas import OutboundEmailOut, OutboundRecipientOut
from parley.email.reply_routes.queries import shown_route
from parley.kernel.http.authorization import Actor
from parley.kernel.network.smtp import WRITTEN
from parley.kernel.services import Services


class DeliveryView(msgspec.Struct, frozen=True):
    """What became of a mail, in a sentence; `kind` is waiting, sent or failed."""

    kind: str
    text: str


async def way_of(services: Services, actor: Actor, ticket: TicketOut) -> str:
    """Say how a public answer to a ticket would reach its customer."""
    # Who opens a merged ticket's number answers on the ticket that it is part of.
    shown = msgspec.structs.replace(ticket, merged_from=None)
    async with services.database.transaction(write=False) as db:
        return (await shown_route(db, actor.project, shown)).description


async def deliveries_by_message(
    services: Services, actor: Actor, messages: Sequence[MessageOut]
) -> Mapping[UUID, Sequence[DeliveryView]]:
    """Return what became of the mails that some messages are in; nothing where the project sends none."""
    ids = [one.id for one in messages if one.message_type == "sent_reply"]
    if not ids or not sends_mail(actor.project.settings):
        return {}
    async with services.database.transaction(write=False) as db:
        found = await deliveries_of(db, actor.project_id, ids)
    views: dict[UUID, list[DeliveryView]] = {}
    for email in found:
        view = delivery_view(email)
        for id in email.message_ids if view is not None else ():
            views.setdefault(id, []).append(view)  # type: ignore[arg-type]
    return views


def delivery_view(email: OutboundEmailOut) -> DeliveryView | None:
    """Say what became of a mail; None for one that wasn't needed, since the widget has shown its answers."""
    to = email.recipients[0]
    if email.state == "cancelled":
        return (
            DeliveryView("failed", "Not mailed: your team gave it up.") if email.reason == "by_team" else None
        )
    if email.state == "held":
        return DeliveryView("waiting", f"Held before it is mailed to {to.address}: too much mail in an hour.")
    if email.state == "waiting":
        return DeliveryView("waiting", _waiting(email, to))
    if email.state == "failed":
        words = to.bounce if to.state == "bounced" else to.answer or email.last_error
        verb = "Came back from" if to.state == "bounced" else "Could not be mailed to"
        return DeliveryView("failed", f"{verb} {to.address}: {words or 'nothing was said'}")
    others = [one for one in email.recipients[1:] if one.state in ("failed", "bounced")]
    but = "".join(f" Not to {one.address}: {one.bounce or one.answer}" for one in others)
    copies = len(email.recipients) - 1 - len(others)
    also = f" and {copies} other{'s' * (copies > 1)}" if copies else ""
    if (to.answer or "").endswith(WRITTEN):
        return DeliveryView("waiting", f"Not mailed to {to.address}: kept as a file; no mail server is set.")
    return DeliveryView("failed" if others else "sent", f"Mailed to {to.address}{also}.{but}")


def _waiting(email: OutboundEmailOut, to: OutboundRecipientOut) -> str:
    if email.attempts and email.last_error:
        return f"Not mailed to {to.address} yet, it is tried again. {email.last_error}"
    if email.kind == "unread":
        return f"Is mailed to {to.address} unless they see it in the widget first."
    return f"Is being mailed to {to.address}."
