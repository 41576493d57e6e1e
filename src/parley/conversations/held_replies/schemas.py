"""Held replies as they are stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from parley.conversations.ticket_api.ticket_actions import NOTHING, TicketActions


class NewHeldReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply to be held; `status` is what the ticket's becomes when it is sent, or None, and `actions` what else is set."""

    content: str
    rich_content: dict[str, Any] | None = None
    file_ids: list[UUID] = []
    status: str | None = None
    actions: TicketActions = NOTHING


class HeldReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that waits until `send_at`."""

    id: UUID
    ticket_id: UUID
    user_id: int
    content: str
    rich_content: Any
    file_ids: list[str]
    status: str | None
    actions: Any
    send_at: datetime
