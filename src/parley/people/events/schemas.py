"""Events on the wire."""

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec


class EventPerson(msgspec.Struct):
    """Whose event it is."""

    id: UUID
    uuid: UUID
    name: str
    distinct_ids: list[str]
    properties: dict[str, Any]
    is_identified: bool
    created_at: datetime


class EventOut(msgspec.Struct):
    """A captured event; `person` is null for events of visitors without a profile."""

    id: UUID
    event: str
    distinct_id: str
    properties: dict[str, Any]
    timestamp: datetime
    person: EventPerson | None


class EventPage(msgspec.Struct):
    """Events in the order that was asked for; `next` is the absolute URL of those behind them, or null."""

    next: str | None
    results: list[EventOut]


class Taken(msgspec.Struct, frozen=True):
    """Captured events are taken."""

    status: Literal[1] = 1
