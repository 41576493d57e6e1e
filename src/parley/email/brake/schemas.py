"""Held mails, as they travel."""

from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

MOST_IDS = 500


class WhichHeld(msgspec.Struct, frozen=True, kw_only=True):
    """Which held mails are meant; without `ids` all of them."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=MOST_IDS)] | None = None


class ResumedOut(msgspec.Struct, frozen=True):
    """How many mails go out that were held."""

    resumed: int


class CancelledOut(msgspec.Struct, frozen=True):
    """How many mails won't go out that were held."""

    cancelled: int
