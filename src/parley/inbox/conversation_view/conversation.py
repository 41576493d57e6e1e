"""A ticket as the inbox shows it: its messages, the form to answer, and the right-hand side."""

from collections.abc import Sequence

import msgspec

from parley.conversations.files.attachments import page_links
from parley.conversations.messages.queries.messages import message_count, messages_of_ticket, of_ticket
from parley.conversations.ticket_api.schemas import TicketOut
from parley.inbox.composer.form import Composer, drafted_composer
from parley.inbox.conversation_view.deliveries import deliveries_by_message
from parley.inbox.conversation_view.history import history_of
from parley.inbox.conversation_view.messages import message_view
from parley.inbox.conversation_view.timeline import TimelineLine, timeline_of
from parley.inbox.ticket_details.details import Details, details_of
from parley.inbox.ticket_rows.customers import name_of
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services

N_LATEST = 100  # older messages are one click away
MOST_AT_ONCE = 2000


class Messages(msgspec.Struct, frozen=True, kw_only=True):
    """The thread of a ticket; `first` is how many older messages are not shown."""

    number: int
    query: str
    first: int
    lines: Sequence[TimelineLine]


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
    services: Services,
    actor: Actor,
    ticket: TicketOut,
    query: str,
    *,
    first: int | None = None,
    is_added: bool = False,
) -> Messages:
    """Return the messages from a place on, counted from the oldest, and what happened since; without one, the latest.

    With `is_added` they come below those before them on a page that is open.
    """
    of = of_ticket(ticket, actor.project, page_links(services), customer=name_of(ticket))
    if first is None:
        first = max(0, await message_count(services.database, actor.project_id, ticket.id) - N_LATEST)
    n_before = 1 if first else 0
    found = await messages_of_ticket(
        services.database, of, limit=MOST_AT_ONCE + n_before, offset=first - n_before
    )
    sent = await deliveries_by_message(services, actor, ticket, found[n_before:])
    views = [message_view(one, sent.get(one.id, ()), actor.principal.email) for one in found]
    before, views = views[0] if n_before and views else None, views[n_before:]
    lines: Sequence[TimelineLine] = ()
    if before or not first:
        events = await history_of(services, actor, ticket, before.at if before else None)
        lines = timeline_of(views, events, actor.project.timezone, before if is_added else None)
    return Messages(number=ticket.ticket_number, query=query, first=first, lines=lines)


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
