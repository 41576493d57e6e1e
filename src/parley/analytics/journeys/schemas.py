"""Customer journeys as they travel."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.analytics.journeys.tables import MAX_NAME
from parley.conversations.ticket_api.schemas import TicketOut, TicketPerson
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


class JourneyPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person who took a step, when that was, and their tickets that aren't resolved: the newest ten the caller may see.

    Without the scope `person:read` person and time are null.
    """

    person: TicketPerson | None
    reached_at: datetime | None
    tickets: list[TicketOut]


class JourneyPeople(msgspec.Struct, frozen=True, kw_only=True):
    """A page of persons, and the URL of the next one."""

    results: list[JourneyPerson]
    next: str | None


class PersonStanding(msgspec.Struct, frozen=True, kw_only=True):
    """How far a person came in a journey: the last step they took, counted from 1, and when."""

    journey: UUID
    name: str
    step: int
    n_steps: int
    step_name: str
    reached_at: datetime

    @property
    def is_done(self) -> bool:
        """Say whether they took all steps."""
        return self.step == self.n_steps


class JourneyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A journey; `insight` and `created_by` are numbers."""

    id: UUID
    insight: int
    name: str
    description: str | None
    created_at: datetime
    created_by: int | None
    updated_at: datetime
