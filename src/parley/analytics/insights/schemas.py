"""Insights as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.users.schemas import UserBasic
from parley.analytics.insights.tables import MAX_NAME
from parley.kernel.http.authorization import AccessLevel
from parley.kernel.http.body import NAME
from parley.kernel.text.json_text import read_json

MAX_DESCRIPTION, MOST_DASHBOARDS = 4000, 100
Name = Annotated[str, Meta(max_length=MAX_NAME, extra=NAME)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION)]
Dashboards = Annotated[list[int], Meta(max_length=MOST_DASHBOARDS)]
AnyQuery = Annotated[
    Any,
    Meta(
        description="What is asked, in PostHog's words: `InsightVizNode` around `TrendsQuery`, `FunnelsQuery`, "
        "`RetentionQuery`, `LifecycleQuery` or `StickinessQuery`, or `DataTableNode` around `EventsQuery`. What can't be "
        "answered is refused, with its place in `attr`."
    ),
]


class NewInsight(msgspec.Struct, frozen=True, kw_only=True):
    """An insight to be kept; `dashboards` are those that show it."""

    name: Name | None = None
    derived_name: Name | None = None
    description: Description | None = ""
    query: AnyQuery = None
    saved: bool = True
    favorited: bool = False
    tags: list[str] = []
    dashboards: Dashboards | None = None


class InsightPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed; `deleted` takes it out of every list, or brings it back."""

    name: Name | UnsetType | None = UNSET
    derived_name: Name | UnsetType | None = UNSET
    description: Description | UnsetType | None = UNSET
    query: AnyQuery | UnsetType = UNSET
    saved: bool | UnsetType = UNSET
    favorited: bool | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    dashboards: Dashboards | UnsetType | None = UNSET


class TileOfInsight(msgspec.Struct, frozen=True, kw_only=True):
    """Where a dashboard shows an insight."""

    id: int
    dashboard_id: int
    deleted: bool


class StoredInsight(msgspec.Struct, frozen=True, kw_only=True):
    """An insight as it is stored; `query` is JSON text."""

    project_id: int
    id: int
    short_id: str
    name: str | None
    derived_name: str | None
    description: str
    query: str | None
    kind: str | None
    saved: bool
    favorited: bool
    deleted: bool
    tags: list[str]
    created_at: datetime
    updated_at: datetime
    last_modified_at: datetime
    created_by: UserBasic | None
    last_modified_by: UserBasic | None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or self.derived_name or "Untitled insight"

    @property
    def question(self) -> Any:
        """The query as it was sent; None where there is none."""
        return None if self.query is None else read_json(self.query)


class QueryStatus(msgspec.Struct, frozen=True, kw_only=True):
    """How far a query is that somebody doesn't wait for; `results` is the whole answer once it is there."""

    id: str
    team_id: int
    complete: bool
    error: bool = False
    error_message: str | None = None
    insight_id: int | None = None
    query_async: bool = True
    start_time: datetime
    end_time: datetime | None = None
    expiration_time: datetime
    results: Any = None


class InsightOut(msgspec.Struct, frozen=True, kw_only=True, rename={"has_more": "hasMore"}):
    """An insight with its answer; `result` is null where none was asked for and none is kept."""

    id: int
    short_id: str
    name: str | None
    derived_name: str | None
    description: str
    query: Any
    order: int | None = None
    deleted: bool
    dashboards: Sequence[int]
    dashboard_tiles: Sequence[TileOfInsight]
    last_refresh: datetime | None
    cache_target_age: datetime | None
    next_allowed_client_refresh: datetime | None
    result: Any
    has_more: bool | None
    columns: Sequence[str] | None
    types: Any
    created_at: datetime
    created_by: UserBasic | None
    updated_at: datetime
    tags: Sequence[str]
    saved: bool
    favorited: bool
    last_modified_at: datetime
    last_modified_by: UserBasic | None
    is_sample: bool = False
    effective_restriction_level: int
    effective_privilege_level: int
    user_access_level: AccessLevel
    timezone: str | None
    resolved_date_range: Any
    is_cached: bool
    query_status: QueryStatus | None
    hogql: str | None = None


class NewQuery(msgspec.Struct, frozen=True, kw_only=True):
    """A query to be answered."""

    query: AnyQuery
    refresh: Annotated[
        Any,
        Meta(
            description="`blocking` (the default) computes what is old, `force_blocking` everything, `force_cache` nothing; "
            "`async`, `lazy_async` and `force_async` do it after the request."
        ),
    ] = None


class QueryAnswer(msgspec.Struct, frozen=True, kw_only=True, rename={"has_more": "hasMore"}):
    """The answer to a query; `results` is null where nothing is kept and nobody waits."""

    results: Any
    columns: Sequence[str] | None
    types: Any
    has_more: bool | None
    timezone: str | None
    resolved_date_range: Any
    is_cached: bool
    last_refresh: datetime | None
    cache_key: str
    cache_target_age: datetime | None
    next_allowed_client_refresh: datetime | None
    query_status: QueryStatus | None


class RunAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """How far a query is that nobody waits for."""

    query_status: QueryStatus
