"""What the widget sends and is answered. What it sends is only described here: `rules/requests.py` reads it by hand."""

from datetime import datetime
from typing import Annotated, Any, Self
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.files.schemas import AttachmentOut
from parley.conversations.threads.queries.lists import TicketSummary
from parley.conversations.threads.queries.messages import VisibleMessage
from parley.conversations.threads.rules import VisitorTicket
from parley.conversations.tickets.rules.comments import Authorship, author_name
from parley.conversations.widget.rules.requests import MAX_MESSAGE, MAX_SESSION_ID
from parley.conversations.widget.rules.rich_files import with_files
from parley.kernel.network.emails import MAX_EMAIL_LENGTH as MAX_EMAIL
from parley.people.persons.rules.distinct_ids import DistinctId

HexSignature = Annotated[str, Meta(pattern="^[0-9a-fA-F]{64}$")]
Seconds = Annotated[int, Meta(ge=0, lt=10**10)]


class WidgetProblem(msgspec.Struct, frozen=True):
    """An error of the widget's API; `details` holds sentences by field."""

    error: str
    details: dict[str, list[str]] | UnsetType = UNSET


class Caller(msgspec.Struct, kw_only=True):
    """Who asks: a session of the widget, an identity that the site's server signed, or both.

    With both, what the session has opened becomes the identity's.
    """

    widget_session_id: UUID | None = None
    identity_distinct_id: DistinctId | None = None
    identity_hash: HexSignature | None = None
    identity_email: Annotated[str, Meta(max_length=MAX_EMAIL)] | None = None
    identity_hash_email: HexSignature | None = None
    identity_exp_email: Seconds | None = None


class VisitorMessage(Caller, kw_only=True):
    """A message of a visitor, for a new ticket or for one of theirs; without an identity `distinct_id` is needed."""

    message: Annotated[str, Meta(min_length=1, max_length=MAX_MESSAGE)]
    distinct_id: DistinctId | None = None
    ticket_id: UUID | None = None
    traits: dict[str, Any] = {}
    session_id: Annotated[str, Meta(max_length=MAX_SESSION_ID)] | None = None
    session_context: dict[str, Any] = {}


class WidgetMessageOut(msgspec.Struct, frozen=True):
    """A message as its visitor sees it."""

    id: UUID
    content: str
    rich_content: msgspec.Raw | dict[str, Any] | None
    author_type: str
    author_name: str
    created_at: datetime
    attachments: list[AttachmentOut]

    @classmethod
    def of(
        cls,
        message: VisibleMessage,
        ticket: VisitorTicket,
        assistant: str,
        attachments: list[AttachmentOut],
    ) -> Self:
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
            rich_content=with_files(message.rich_content, message.content, attachments),
            author_type=message.author_type or "human",
            author_name=author_name(
                authorship, assistant, customer="You" if ticket.is_requester else "Customer"
            ),
            created_at=message.created_at,
            attachments=attachments,
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
        """Show a ticket to its visitor."""
        return cls(
            id=ticket.id,
            ticket_number=ticket.number,
            status=ticket.status,
            unread_count=ticket.unread_customer_count,
            last_message=ticket.last_message_text,
            last_message_at=ticket.last_message_at,
            message_count=ticket.message_count,
            created_at=ticket.created_at,
        )


class TicketListOut(msgspec.Struct, frozen=True):
    """One page of the visitor's tickets, and how many there are in all."""

    count: int
    results: list[WidgetTicketOut]


class ReadOut(msgspec.Struct, frozen=True):
    """The visitor has read everything."""

    success: bool = True
    unread_count: int = 0
