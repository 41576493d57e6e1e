"""What the widget is answered."""

from datetime import datetime
from typing import Self
from uuid import UUID

import msgspec

from parley.conversations.threads.queries.lists import TicketSummary
from parley.conversations.threads.queries.threads import VisibleMessage, VisitorTicket
from parley.conversations.tickets.rules import Authorship, author_name


class WidgetMessageOut(msgspec.Struct, frozen=True):
    """A message as its visitor sees it."""

    id: UUID
    content: str
    rich_content: msgspec.Raw | None
    author_type: str
    author_name: str
    created_at: datetime

    @classmethod
    def of(cls, message: VisibleMessage, ticket: VisitorTicket, assistant: str) -> Self:
        """Show a message of a ticket to somebody who may see it.

        What the requester calls themselves only they see: to others "Support" would look like the team.
        """
        authorship = Authorship(
            author_type=message.author_type,
            creator_name=message.first_name,
            creator_email=message.email,
            context={"author_name": message.given_name},
            traits=ticket.anonymous_traits if ticket.is_requester else {},
        )
        return cls(
            id=message.id,
            content=message.content,
            rich_content=message.rich_content,
            author_type=message.author_type or "human",
            author_name=author_name(
                authorship, assistant, customer="You" if ticket.is_requester else "Customer"
            ),
            created_at=message.created_at,
        )


class ThreadOut(msgspec.Struct, frozen=True):
    """A thread; `has_more` says that exactly `limit` messages came back."""

    ticket_id: UUID
    ticket_status: str
    unread_count: int
    messages: list[WidgetMessageOut]
    has_more: bool


class WidgetTicketOut(msgspec.Struct, frozen=True):
    """A line of the visitor's list of tickets."""

    id: UUID
    ticket_number: int
    status: str
    unread_count: int
    last_message: str | None
    last_message_at: datetime | None
    message_count: int
    created_at: datetime

    @classmethod
    def of(cls, ticket: TicketSummary) -> Self:
        """Show a ticket to its visitor; the fields stand in the same order in both."""
        return cls(*msgspec.structs.astuple(ticket))


class TicketListOut(msgspec.Struct, frozen=True):
    """One page of the visitor's tickets, and how many there are in all."""

    count: int
    results: list[WidgetTicketOut]


class ReadOut(msgspec.Struct, frozen=True):
    """The visitor has read everything."""

    success: bool = True
    unread_count: int = 0
