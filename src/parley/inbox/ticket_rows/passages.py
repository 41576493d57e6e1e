"""Where the words of a search stand in the conversations of a list, with the words marked."""

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec

from parley.conversations.messages.queries.found import FoundMessage, found_messages
from parley.conversations.ticket_api.schemas import TicketOut
from parley.conversations.ticket_list.rules.filters import searched_number
from parley.inbox.ticket_rows.customers import address_of, name_of, subject_of
from parley.kernel.http.authorization import Actor
from parley.kernel.services import Services
from parley.kernel.text.excerpts import MarkedText, excerpt, marked
from parley.kernel.text.forms import storable
from parley.kernel.text.search_terms import parts_of

OF_NAME, OF_SUBJECT, OF_TEXT = 80, 160, 160
LOOKED_THROUGH = 2_000
"""Characters of each text: a page has fifty, and other requests wait meanwhile."""


class Passage(msgspec.Struct, frozen=True, kw_only=True):
    """What a search has found in a ticket; `said_by` is who of the team has written the text, or that it is a note."""

    name: Sequence[MarkedText]
    subject: Sequence[MarkedText]
    text: Sequence[MarkedText]
    said_by: str


class FoundTexts(msgspec.Struct, frozen=True):
    """The parts of a search, and the messages of a page of tickets that have one; nothing where nothing is searched for."""

    parts: Sequence[str] = ()
    messages: Mapping[UUID, FoundMessage] = {}


async def found_texts(
    services: Services, actor: Actor, search: str, tickets: Sequence[TicketOut]
) -> FoundTexts:
    """Return where the words of a search stand in these tickets; a number of a ticket stands in none."""
    if not search or searched_number(search) is not None:
        return FoundTexts()
    parts = parts_of(storable(search))
    ids, longest = [one.id for one in tickets], max(parts, key=len, default="")
    return FoundTexts(parts, await found_messages(services.database, actor.project_id, ids, longest))


def passage_of(ticket: TicketOut, found: FoundTexts, called: Mapping[str, str]) -> Passage | None:
    """Return what was found in a ticket: in a message, its name or subject, else in the customer's address.

    `called` says what members are called, by keys such as `user:7`.
    """
    if not found.parts:
        return None
    message = found.messages.get(ticket.id)
    name = marked(name_of(ticket), found.parts, OF_NAME)
    subject = marked(subject_of(ticket) or "", found.parts, OF_SUBJECT)
    said = message.content if message else ticket.last_message_text or ""
    text = excerpt(said, found.parts, OF_TEXT, LOOKED_THROUGH)
    if not any(piece.is_marked for piece in (*name, *subject, *text)):
        address = marked(address_of(ticket) or "", found.parts, OF_TEXT)
        text = address if any(piece.is_marked for piece in address) else text
    said_by = called.get(f"user:{message.created_by}", "") if message else ""
    return Passage(
        name=name, subject=subject, text=text, said_by="Note" if message and message.is_private else said_by
    )
