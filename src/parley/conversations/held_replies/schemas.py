"""Held replies as they are stored."""

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class NewHeldReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply to be held; `status` is what the ticket's becomes when it is sent, or None."""

    content: str
    rich_content: dict[str, Any] | None = None
    file_ids: list[UUID] = []
    status: str | None = None


class HeldReply(msgspec.Struct, frozen=True, kw_only=True):
    """A reply that waits until `send_at`."""

    id: UUID
    ticket_id: UUID
    user_id: int
    content: str
    rich_content: Any
    file_ids: list[str]
    status: str | None
    send_at: datetime
