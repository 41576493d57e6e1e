"""The kinds of queries, each with its tag `kind`."""

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from parley.analytics.query_schema.schemas import (
    BreakdownFilter,
    CompareFilter,
    DateRange,
    Display,
    EventsNode,
    Interval,
    Key,
    Name,
    OneSeries,
    PropertyGroup,
    Series,
    TrendsFilter,
)

WindowUnit = Literal["second", "minute", "hour", "day", "week", "month"]
Period = Literal["Hour", "Day", "Week", "Month"]


class InsightQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="kind"):
    """What trends, funnels, retention, lifecycle and stickiness have in common."""

    date_range: DateRange = DateRange()
    properties: PropertyGroup = PropertyGroup()


class TrendsQuery(InsightQuery, frozen=True, kw_only=True, rename="camel"):
    """How often events happened, in each interval."""

    series: Series
    interval: Interval = "day"
    breakdown_filter: BreakdownFilter = BreakdownFilter()
    compare_filter: CompareFilter = CompareFilter()
    trends_filter: TrendsFilter = TrendsFilter()


class FunnelsFilter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How steps follow each other, and what the funnel shows."""

    funnel_order_type: Literal["ordered", "strict", "unordered"] = "ordered"
    funnel_viz_type: Literal["steps", "time_to_convert", "trends"] = "steps"
    funnel_window_interval: Annotated[int, Meta(ge=1, le=10_000)] = 14
    funnel_window_interval_unit: WindowUnit = "day"
    exclusions: Annotated[tuple[EventsNode, ...], Meta(max_length=10)] = ()
    breakdown_attribution_type: Literal["first_touch", "last_touch", "all_events", "step"] = "first_touch"
    breakdown_attribution_value: Annotated[int, Meta(ge=0, le=19)] | None = None
    funnel_from_step: Annotated[int, Meta(ge=0, le=19)] | None = None
    funnel_to_step: Annotated[int, Meta(ge=0, le=19)] | None = None
    funnel_step_reference: Literal["total", "previous"] = "total"
    bin_count: Annotated[int, Meta(ge=1, le=90)] | None = None
    layout: Literal["horizontal", "vertical"] = "vertical"


class FunnelsQuery(InsightQuery, frozen=True, kw_only=True, rename="camel"):
    """How many persons went through several steps."""

    series: Annotated[tuple[EventsNode, ...], Meta(min_length=2, max_length=20)]
    interval: Interval = "day"
    breakdown_filter: BreakdownFilter = BreakdownFilter()
    funnels_filter: FunnelsFilter = FunnelsFilter()


class RetentionEntity(msgspec.Struct, frozen=True):
    """The event that makes somebody belong to a cohort, or come back; `id` is its name (None: any event)."""

    id: Annotated[str, Meta(max_length=200)] | None = None
    name: Name | None = None
    custom_name: Name | None = None
    type: Literal["events"] = "events"
    properties: PropertyGroup = PropertyGroup()


class RetentionFilter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who is counted, and in which periods."""

    retention_type: Literal["retention_first_time", "retention_recurring"] = "retention_recurring"
    period: Period = "Day"
    total_intervals: Annotated[int, Meta(ge=1, le=62)] = 11
    target_entity: RetentionEntity = RetentionEntity(id="$pageview")
    returning_entity: RetentionEntity = RetentionEntity(id="$pageview")


class RetentionQuery(InsightQuery, frozen=True, kw_only=True, rename="camel"):
    """How many of those who did one thing did another in later periods."""

    retention_filter: RetentionFilter = RetentionFilter()


class LifecycleFilter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Which of the four states are shown."""

    toggled_lifecycles: tuple[Literal["new", "returning", "resurrecting", "dormant"], ...] = ()


class LifecycleQuery(InsightQuery, frozen=True, kw_only=True, rename="camel"):
    """How many persons were new, came back, or stayed away, in each interval."""

    series: OneSeries
    interval: Interval = "day"
    lifecycle_filter: LifecycleFilter = LifecycleFilter()


class StickinessFilter(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """How stickiness is shown."""

    display: Display = "ActionsLineGraph"
    computed_as: Literal["non_cumulative", "cumulative"] = "non_cumulative"


class StickinessQuery(InsightQuery, frozen=True, kw_only=True, rename="camel"):
    """How many persons were active in one, two, three, ... intervals of the period."""

    series: Series
    interval: Interval = "day"
    compare_filter: CompareFilter = CompareFilter()
    stickiness_filter: StickinessFilter = StickinessFilter()


class EventsQuery(msgspec.Struct, frozen=True, kw_only=True, rename="camel", tag_field="kind"):
    """Rows of events; `event` None means all names, `order_by` holds columns with `DESC` behind or not."""

    select: Annotated[tuple[Annotated[str, Meta(max_length=400)], ...], Meta(min_length=1, max_length=50)] = (
        "*",
    )
    event: Annotated[str, Meta(max_length=200)] | None = None
    properties: PropertyGroup = PropertyGroup()
    after: str | None = None
    before: str | None = None
    order_by: Annotated[tuple[Key, ...], Meta(max_length=5)] = ()
    limit: Annotated[int, Meta(ge=1, le=1000)] = 100
    offset: Annotated[int, Meta(ge=0, le=10_000)] = 0


SourceQuery = TrendsQuery | FunnelsQuery | RetentionQuery | LifecycleQuery | StickinessQuery
Query = SourceQuery | EventsQuery
"""What `read_query` returns: what is inside of an `InsightVizNode` or a `DataTableNode`."""

INSIGHTS: tuple[Any, ...] = (TrendsQuery, FunnelsQuery, RetentionQuery, LifecycleQuery, StickinessQuery)
"""The kinds that an `InsightVizNode` holds."""
TABLES: tuple[Any, ...] = (EventsQuery,)
"""The kinds that a `DataTableNode` holds."""
