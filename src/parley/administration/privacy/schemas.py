"""The personal data of a person, and what was erased, as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class LeftOutTicket(msgspec.Struct, frozen=True, kw_only=True):
    """A ticket that is not included."""

    id: UUID
    ticket_number: int
    identity_verified: bool | None


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """A distinct id that is linked to the one asked for, and whose tickets are included only with `confirm_linked`."""

    distinct_id: str
    tickets: Sequence[LeftOutTicket]


class PersonalData(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that is stored about one person. The objects in the lists are what is stored, field by field."""

    exported_at: datetime
    project_id: int
    asked_for: dict[str, str]
    found_by: "FoundBy"
    left_out: Sequence[LeftOut]
    persons: Sequence[dict[str, Any]]
    tickets: Sequence[dict[str, Any]]
    messages_elsewhere: Sequence[dict[str, Any]]
    participations: Sequence[dict[str, Any]]
    remarks: Sequence[dict[str, Any]]
    activity: Sequence[dict[str, Any]]
    webhook_deliveries: Sequence[dict[str, Any]]
    inbound_mails: Sequence[dict[str, Any]]
    outbound_mails: Sequence[dict[str, Any]]
    text_contacts: Sequence[dict[str, Any]]
    recordings: Sequence[dict[str, Any]]
    events: Sequence[dict[str, Any]]


class FoundBy(msgspec.Struct, frozen=True, kw_only=True):
    """Under what a person is known; everything that carries one of these is taken for theirs."""

    person_ids: Sequence[str]
    distinct_ids: Sequence[str]
    email_addresses: Sequence[str]


class Extent(msgspec.Struct, frozen=True, kw_only=True):
    """How much an erasure would take, by the names of `Erasure`; of what is in `at_least`, there may be more."""

    counts: dict[str, int]
    at_least: frozenset[str]
    left_out: Sequence[LeftOut] = ()


class Erasure(msgspec.Struct, frozen=True, kw_only=True):
    """How much was erased. `deliveries` and `log_entries` keep that something happened, and no longer say what."""

    persons: int
    distinct_ids: int
    events: int
    tickets: int
    messages: int
    participants: int
    deliveries: int
    log_entries: int
    answers: int
    waiting_work: int
    inbound_mails: int
    outbound_mails: int
    text_contacts: int
    recordings: int
    left_out: Sequence[LeftOut] = ()
