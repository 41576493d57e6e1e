"""Customer journeys as they travel."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.analytics.journeys.tables import MAX_NAME
from parley.kernel.http.body import NAME

MAX_DESCRIPTION = 4000
Name = Annotated[str, Meta(min_length=1, max_length=MAX_NAME, extra=NAME)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION)]
InsightNumber = Annotated[int, Meta(description="The number of an insight, mostly of a funnel.")]


class NewJourney(msgspec.Struct, frozen=True, kw_only=True):
    """A journey along the steps of an insight; a project has one for each insight at most."""

    insight: InsightNumber
    name: Name
    description: Description | None = None


class JourneyReplacement(msgspec.Struct, frozen=True, kw_only=True):
    """All that a journey says anew. A description that is left out stays."""

    insight: InsightNumber
    name: Name
    description: Description | UnsetType | None = UNSET


class JourneyPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed."""

    insight: InsightNumber | UnsetType = UNSET
    name: Name | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET


class JourneyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A journey; `insight` and `created_by` are numbers."""

    id: UUID
    insight: int
    name: str
    description: str | None
    created_at: datetime
    created_by: int | None
    updated_at: datetime
