"""Participants as they travel."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.accounts.users.schemas import UserBasic
from parley.kernel.http.body import TRIM
from parley.people.persons.rules.distinct_ids import DistinctId


class ParticipantOut(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who takes part in a ticket besides its requester. `person` is the uuid of the person they are.

    `name` is the person's where the team has given none; `added_by` is null where merging added them.
    """

    id: UUID
    email: str | None
    distinct_id: str | None
    name: str | None
    person: UUID | None
    added_by: UserBasic | None
    created_at: datetime


class NewParticipant(msgspec.Struct, kw_only=True):
    """Somebody to take part in a ticket, known by an address, by a distinct id, or by both."""

    email: Annotated[str, Meta(max_length=254, extra=TRIM)] | None = None
    distinct_id: DistinctId | None = None
    name: Annotated[str, Meta(max_length=500, extra=TRIM)] | None = None
