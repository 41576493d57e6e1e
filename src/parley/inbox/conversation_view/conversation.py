"""A ticket as the inbox shows it: its messages, the form to answer, and the right-hand side."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec
from markupsafe import Markup

from parley.conversations.files.attachments import page_links
from parley.conversations.files.schemas import AttachmentOut
from parley.conversations.messages.queries.messages import message_count, messages_of_ticket, of_ticket
from parley.conversations.messages.schemas import MessageOut
from parley.conversations.ticket_api.schemas import TicketOut
from parley.email.outbound.sentences import DeliveryView
from parley.inbox.composer.form import Composer, drafted_composer
from parley.inbox.conversation_view.deliveries import deliveries_by_message
from parley.inbox.conversation_view.texts import TextPart, rich_text, shown_text
from parley.inbox.ticket_details.details import Details, details_of
from parley.inbox.ticket_rows.names import shortened
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

N_LATEST = 100  # older messages are one click away
MOST_AT_ONCE = 2000


class MessageView(msgspec.Struct, frozen=True, kw_only=True):
    """A message of a ticket; `kind` is customer, team, note or assistant."""

    id: str
    kind: str
    author: str
    text: Sequence[TextPart]
    rich: Markup  # the same with its formatting, where it has some
    has_whole_mail: bool  # the mail says more than is shown
    files: Sequence[AttachmentOut]  # that don't stand in the text
    at: datetime
    is_edited: bool
    is_own_note: bool  # whoever looks may edit and delete it
    is_of_merged: bool  # written to a ticket that is merged into this one, perhaps by another customer
    deliveries: Sequence[DeliveryView] = ()


def message_view(
    message: MessageOut, deliveries: Sequence[DeliveryView] = (), reader: str | None = None
) -> MessageView:
    """Make what the page shows of a message, with what became of the mails that it is in, to whoever has an address."""
    if message.is_private:
        kind = "note"
    elif message.author_type == "customer":
        kind = "customer"
    else:
        kind = "assistant" if message.author_type == "AI" else "team"
    shown, rich = shown_text(message.content, message.attachments), rich_text(message.rich_content)
    return MessageView(
        id=str(message.id),
        kind=kind,
        author=shortened(message.author_name, 80),
        text=shown.parts,
        rich=rich,
        has_whole_mail=message.has_full_email_content,
        files=message.attachments if rich else shown.other_files,
        at=message.created_at,
        is_edited=message.version > 0,
        is_own_note=message.message_type == "internal_note" and message.author_email == reader is not None,
        is_of_merged=isinstance(message.via_ticket_id, UUID),
        deliveries=deliveries,
    )


class Messages(msgspec.Struct, frozen=True, kw_only=True):
    """The messages of a ticket; `first` is how many older messages are not shown."""

    number: int
    query: str
    first: int
    messages: Sequence[MessageView]


class MessagesPart(msgspec.Struct, frozen=True):
    """Context of `conversation_view/_messages.html` by itself."""

    messages: Messages


class TicketView(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket beside the list."""

    details: Details
    messages: Messages
    composer: Composer


class TicketPart(msgspec.Struct, frozen=True):
    """Context of `conversation_view/_ticket.html` by itself."""

    opened: TicketView


async def messages_from(
    services: Services, actor: Actor, ticket: TicketOut, query: str, *, first: int | None = None
) -> Messages:
    """Return the messages from a place on, counted from the oldest; without one, the latest."""
    of = of_ticket(ticket, actor.project, page_links(services))
    if first is None:
        first = max(0, await message_count(services.database, actor.project_id, ticket.id) - N_LATEST)
    found = await messages_of_ticket(services.database, of, limit=MOST_AT_ONCE, offset=first)
    sent = await deliveries_by_message(services, actor, ticket, found)
    reader = actor.principal.email
    views = [message_view(one, sent.get(one.id, ()), reader) for one in found]
    return Messages(number=ticket.ticket_number, query=query, first=first, messages=views)


async def ticket_view(
    services: Services,
    actor: Actor,
    ticket: TicketOut,
    query: str,
    *,
    composer: Composer | None = None,
    first: int | None = None,
) -> TicketView:
    """Gather everything about a ticket."""
    return TicketView(
        details=await details_of(services, actor, ticket, query),
        messages=await messages_from(services, actor, ticket, query, first=first),
        composer=composer or await drafted_composer(services, actor, ticket, query),
    )
