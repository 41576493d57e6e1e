"""The events of a stream."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.conversations.messages.schemas import MessageOut
from parley.conversations.ticket_api.schemas import TicketOut


class StreamEvent(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to a ticket or a message, with the thing as it is when the event is sent."""

    type: str
    ticket_id: UUID
    ticket_number: int
    timestamp: datetime
    message_id: UUID | UnsetType = UNSET
    ticket: TicketOut | UnsetType = UNSET
    message: MessageOut | UnsetType = UNSET


class SentEvent(msgspec.Struct, frozen=True):
    """An event of the stream as it travels; `data` is a JSON text, whose `type` is the name of the event."""

    id: str
    event: str
    data: Annotated[str, Meta(extra_json_schema={"contentMediaType": "application/json"})]


class Resync(msgspec.Struct, frozen=True, kw_only=True):
    """Changes are missing that can't be sent any more: read the list anew."""

    type: Literal["resync"] = "resync"
    timestamp: datetime
