"""Deliveries as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from parley.analytics.subscriptions.rules.targets import TargetType

Status = Literal["starting", "completed", "failed", "skipped"]
TriggerType = Literal["scheduled", "manual", "target_change"]


class RefusedTest(msgspec.Struct, frozen=True):
    """Why no test delivery begins."""

    detail: str


class RecipientResult(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a delivery at one recipient, as soon as that is known."""

    recipient: str
    status: Literal["success", "failed"]
    error: str | None


class SubscriptionDeliveryOut(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery: of an occurrence (`scheduled`), or asked for (`manual`). `error` says why it was
    skipped, failed, or isn't done yet.
    """

    id: UUID
    subscription: int
    temporal_workflow_id: str
    idempotency_key: str
    trigger_type: TriggerType
    scheduled_at: datetime | None
    target_type: TargetType
    target_value: str
    exported_asset_ids: Sequence[int] = ()
    content_snapshot: Any
    recipient_results: Sequence[RecipientResult]
    status: Status
    error: str | None
    created_at: datetime
    last_updated_at: datetime
    finished_at: datetime | None
    change_summary: str | None = None


class DeliveryPage(msgspec.Struct, frozen=True, kw_only=True):
    """A page of deliveries, newest first; `next` and `previous` are URLs or null."""

    next: str | None
    previous: str | None
    results: Sequence[SubscriptionDeliveryOut]


class OpenDelivery(msgspec.Struct, frozen=True, kw_only=True):
    """A delivery that is not done, with what its work needs to know of it."""

    project_id: int
    id: UUID
    subscription_id: int
    idempotency_key: str
    trigger_type: TriggerType
    scheduled_at: datetime | None
    target_type: TargetType
    target_value: str
    target_url: str | None
    integration_id: int | None
    is_letter_stored: bool
    content_snapshot: Any
    created_at: datetime
