"""What a customer sends, in whatever channel, and what they are answered."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class CustomerMessage(msgspec.Struct, frozen=True, kw_only=True):
    """A customer's message, checked by its channel. Without `ticket_id` it opens a ticket."""

    ticket_id: UUID | None
    widget_session_id: UUID
    distinct_id: str
    content: str
    traits: dict[str, str | None]
    session_id: str | None
    session_context: dict[str, Any]
    identity_verified: bool | None
    channel_source: str = "widget"
    channel_detail: str | None = None


class Received(msgspec.Struct, frozen=True):
    """What became of a message; `unread_count` is the customer's."""

    ticket_id: UUID
    message_id: UUID
    ticket_status: str
    unread_count: int
    created_at: datetime
