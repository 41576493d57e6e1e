"""Webhooks on the wire."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.kernel.http.body import TRIM
from parley.kernel.network.addresses import MAX_URL_LENGTH

Url = Annotated[str, Meta(min_length=1, max_length=MAX_URL_LENGTH, extra=TRIM)]
Description = Annotated[str, Meta(max_length=500, extra=TRIM)]
Events = Annotated[list[str], Meta(max_length=50)]
State = Literal["pending", "delivered", "failed"]


class EndpointOut(msgspec.Struct, frozen=True, kw_only=True):
    """A URL that hears of events. `paused_until` is set while it gets a rest after failures in a row."""

    id: UUID
    url: str
    description: str
    events: list[str]
    enabled: bool
    disabled_reason: str | None
    failure_count: int
    paused_until: datetime | None
    last_success_at: datetime | None
    last_failure_at: datetime | None
    created_by: int | None
    created_at: datetime
    updated_at: datetime


class FailingEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A webhook that rests, that was switched off, or to which something was not delivered; its URL without secrets.

    `waiting` deliveries are tried again by themselves, `failed` ones are not.
    """

    id: UUID
    project_id: int
    url: str
    description: str
    enabled: bool
    disabled_reason: str | None
    failure_count: int
    paused_until: datetime | None
    last_failure_at: datetime | None
    waiting: int
    failed: int


class NewEndpoint(msgspec.Struct, frozen=True, kw_only=True):
    """A new endpoint; `events` are names of events, or `*`."""

    url: Url
    events: Events = msgspec.field(default_factory=lambda: ["*"])
    description: Description = ""
    enabled: bool = True


class EndpointPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may change; switching an endpoint on again forgets its failures."""

    url: Url | UnsetType = UNSET
    events: Events | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET


class DeliveryOut(msgspec.Struct, frozen=True, kw_only=True):
    """One message to one endpoint, with what its last attempt came to. `payload` is the body as it is sent."""

    id: UUID
    endpoint_id: UUID
    event: str
    event_id: UUID
    payload: msgspec.Raw
    state: State
    attempts: int
    last_status: int | None
    last_error: str | None
    response_excerpt: str | None
    next_at: datetime | None
    replay_of: UUID | None
    created_at: datetime
    finished_at: datetime | None


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """A batch for one endpoint, to be sent outside of any transaction."""

    project_id: int
    endpoint_id: UUID
    url: str
    secrets: Sequence[str]
    deliveries: Sequence["DueDelivery"]


class DueDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery of a batch."""

    id: UUID
    event_id: UUID
    ticket_id: UUID | None
    payload: str
    attempts: int
