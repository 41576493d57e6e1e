"""Subscriptions as they travel."""

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.users.schemas import UserBasic
from parley.analytics.subscriptions.rules.contents import ContentType
from parley.analytics.subscriptions.rules.recurrence import Frequency, Recurrence, Weekday
from parley.analytics.subscriptions.rules.targets import TargetType
from parley.analytics.subscriptions.tables import MAX_TITLE
from parley.kernel.http.body import NAME, TRIM

MOST = 2**31 - 1
Id = Annotated[int, Meta(ge=1, le=MOST, description="Of the Slack workspace of the channel.")]
Positive = Annotated[int, Meta(ge=1, le=MOST)]
Place = Annotated[int, Meta(ge=-366, le=366, description="Not 0.")]
Weekdays = Annotated[list[Weekday], Meta(max_length=100)]
Title = Annotated[str, Meta(max_length=MAX_TITLE, extra=NAME)]
TargetValue = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=30_000,
        extra=TRIM,
        description="Addresses with commas between them; a channel such as `C0123|#general`, with `integration_id`; "
        "the URL of an incoming webhook of Slack; or a URL.",
    ),
]
Selection = Annotated[
    Any, Meta(description="Ids of at most 6 insights of the dashboard; without any, its first six are sent.")
]
Attachment = Literal["csv", "pdf"]
Attachments = Annotated[list[Attachment], Meta(max_length=10)]
InviteMessage = Annotated[str, Meta(max_length=2000)]


class NewSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription to be made. `start_date` without an offset is in UTC; its time of day, in the zone of the project, is
    that of all deliveries.
    """

    dashboard: int | None = None
    insight: int | None = None
    content_type: ContentType | None = None
    dashboard_export_insights: Selection = None
    dashboard_export_all: bool = False
    target_type: TargetType
    target_value: TargetValue
    integration_id: Id | None = None
    frequency: Frequency
    interval: Positive = 1
    byweekday: Weekdays | None = None
    bysetpos: Place | None = None
    count: Positive | None = None
    start_date: datetime
    until_date: datetime | None = None
    deleted: bool = False
    enabled: bool = True
    title: Title | None = None
    invite_message: InviteMessage | None = None
    summary_enabled: bool = False
    skip_if_empty: bool = False
    attachments: Attachments = []


class SubscriptionPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed; `deleted` takes it out of the list, `enabled` pauses it."""

    dashboard: int | UnsetType | None = UNSET
    insight: int | UnsetType | None = UNSET
    content_type: ContentType | UnsetType | None = UNSET
    dashboard_export_insights: Selection | UnsetType = UNSET
    dashboard_export_all: bool | UnsetType = UNSET
    target_type: TargetType | UnsetType = UNSET
    target_value: TargetValue | UnsetType = UNSET
    integration_id: Id | UnsetType | None = UNSET
    frequency: Frequency | UnsetType = UNSET
    interval: Positive | UnsetType = UNSET
    byweekday: Weekdays | UnsetType | None = UNSET
    bysetpos: Place | UnsetType | None = UNSET
    count: Positive | UnsetType | None = UNSET
    start_date: datetime | UnsetType = UNSET
    until_date: datetime | UnsetType | None = UNSET
    deleted: bool | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    title: Title | UnsetType | None = UNSET
    invite_message: InviteMessage | UnsetType | None = UNSET
    summary_enabled: bool | UnsetType = UNSET
    skip_if_empty: bool | UnsetType = UNSET
    attachments: Attachments | UnsetType = UNSET


class SubscriptionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription, with what became of its last deliveries; `failure_count` counts those in a row that have failed.

    `unsubscribed` has the addresses whose people wanted no more. The URL of a webhook is shown whole to those who may change
    it, that of Slack to nobody.
    """

    id: int
    dashboard: int | None
    insight: int | None
    content_type: ContentType
    resource_type: ContentType
    resource_name: str
    insight_short_id: str | None
    dashboard_export_insights: list[int]
    dashboard_export_all: bool
    target_type: TargetType
    target_value: str
    integration_id: int | None = None
    frequency: Frequency
    interval: int
    byweekday: list[Weekday] | None
    bysetpos: int | None
    count: int | None
    start_date: datetime
    until_date: datetime | None
    created_at: datetime
    created_by: UserBasic | None
    deleted: bool
    enabled: bool
    title: str | None
    summary: str
    next_delivery_date: datetime | None
    invite_message: str | None = None
    summary_enabled: bool = False
    skip_if_empty: bool
    attachments: list[Attachment]
    failure_count: int
    last_error: str | None
    last_failed_at: datetime | None
    last_delivered_at: datetime | None
    disabled_reason: str | None
    unsubscribed: list[str]


class Unsubscribed(msgspec.Struct, frozen=True):
    """Whether the token of the link was good."""

    success: bool


class StoredSubscription(msgspec.Struct, frozen=True, kw_only=True):
    """A subscription as it is stored, with the names of what it is about."""

    project_id: int
    id: int
    insight_id: int | None
    dashboard_id: int | None
    dashboard_export_insights: list[int] | None
    dashboard_export_all: bool
    title: str | None
    target_type: TargetType
    target_value: str
    target_url: str | None
    integration_id: int | None
    frequency: Frequency
    interval: int
    byweekday: list[Weekday] | None
    bysetpos: int | None
    count: int | None
    start_date: datetime
    until_date: datetime | None
    skip_if_empty: bool
    attachments: list[Attachment]
    enabled: bool
    deleted: bool
    next_delivery_date: datetime | None
    failure_count: int
    last_error: str | None
    last_failed_at: datetime | None
    last_delivered_at: datetime | None
    disabled_reason: str | None
    unsubscribed: list[str]
    created_at: datetime
    created_by: UserBasic | None
    insight_short_id: str | None
    insight_name: str | None
    dashboard_name: str | None

    @property
    def kind(self) -> ContentType:
        """What it is about."""
        return "insight" if self.insight_id is not None else "dashboard"

    @property
    def resource_name(self) -> str:
        """What people call what it is about."""
        return self.insight_name or self.dashboard_name or f"Untitled {self.kind}"

    @property
    def rule(self) -> Recurrence:
        """Its schedule."""
        return Recurrence(**{name: getattr(self, name) for name in Recurrence.__struct_fields__})
