"""Changes as features above read them."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec


class Noted(msgspec.Struct, frozen=True):
    """Something that changed; `name` is what happened, such as `message.added`."""

    project_id: int
    name: str
    ticket_id: UUID
    ticket_number: int
    message_id: UUID | None
    at: datetime


class FeedEntry(msgspec.Struct, frozen=True):
    """A change in its place: what was committed later has a higher one, and none is left out."""

    id: UUID
    place: int
    name: str
    ticket_id: UUID
    ticket_number: int
    message_id: UUID | None
    at: datetime


class Changes(msgspec.Struct, frozen=True):
    """A page of changes and the last place that was given. `are_lost`: what came next is not kept any more."""

    page: Sequence[FeedEntry]
    last_place: int
    are_lost: bool
