"""Dashboards as they travel."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.users.schemas import UserBasic
from parley.analytics.dashboards.tables import MAX_NAME
from parley.analytics.insights.schemas import InsightOut
from parley.kernel.http.authorization import AccessLevel
from parley.kernel.http.body import NAME

MAX_DESCRIPTION, MAX_BODY, MOST_TILES, MOST_CHANGES = 4000, 4000, 100, 200
CreationMode = Literal["default", "template", "duplicate"]
RestrictionLevel = Literal[21, 37]
Name = Annotated[str, Meta(max_length=MAX_NAME, extra=NAME)]
Description = Annotated[str, Meta(max_length=MAX_DESCRIPTION)]
Layouts = Annotated[
    dict[str, Any],
    Meta(
        description="Where the tile is on wide and on narrow pages: `sm` and `xs`, each with `x`, `y`, `w` and `h`."
    ),
]
Filters = Annotated[
    dict[str, Any],
    Meta(
        description="`date_from` and `date_to` take the place of every tile's own dates; `properties` are filters that "
        "every tile has in addition."
    ),
]


class TileText(msgspec.Struct, frozen=True):
    """What a tile says that shows no insight, in Markdown."""

    body: Annotated[str, Meta(min_length=1, max_length=MAX_BODY)]


class TileChange(msgspec.Struct, frozen=True, kw_only=True):
    """A tile to be changed (with its `id`) or added (with an `insight`, by its number or as an object, or a `text`)."""

    id: int | None = None
    insight: Any = None
    text: TileText | UnsetType | None = UNSET
    layouts: Layouts | UnsetType | None = UNSET
    color: Annotated[str, Meta(max_length=MAX_NAME)] | UnsetType | None = UNSET
    order: Annotated[int, Meta(ge=0, le=10_000)] | UnsetType | None = UNSET
    deleted: bool | UnsetType | None = UNSET


TileChanges = Annotated[list[TileChange], Meta(max_length=MOST_CHANGES)]


class NewDashboard(msgspec.Struct, frozen=True, kw_only=True):
    """A dashboard to be made: empty, with these tiles, or as a copy of the one in `use_dashboard`.

    A copy shows the same insights, or with `duplicate_tiles` copies of them.
    """

    name: Name | None = None
    description: Description | None = None
    pinned: bool = False
    tags: list[str] | None = None
    filters: Filters | None = None
    variables: dict[str, Any] | None = None
    restriction_level: RestrictionLevel = 21
    use_dashboard: int | None = None
    duplicate_tiles: bool = False
    tiles: TileChanges | None = None


class DashboardPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed; `filters` are replaced whole, of `tiles` those that are named.

    With `delete_insights`, `deleted: true` also deletes the insights that no other dashboard shows.
    """

    name: Name | UnsetType | None = UNSET
    description: Description | UnsetType | None = UNSET
    pinned: bool | UnsetType = UNSET
    deleted: bool | UnsetType = UNSET
    tags: list[str] | UnsetType = UNSET
    filters: Filters | UnsetType | None = UNSET
    variables: dict[str, Any] | UnsetType | None = UNSET
    restriction_level: RestrictionLevel | UnsetType = UNSET
    tiles: TileChanges | UnsetType | None = UNSET
    delete_insights: bool = False


class StoredDashboard(msgspec.Struct, frozen=True, kw_only=True):
    """A dashboard as it is stored, without its tiles."""

    project_id: int
    id: int
    name: str | None
    description: str
    pinned: bool
    deleted: bool
    creation_mode: CreationMode
    filters: dict[str, Any]
    variables: dict[str, Any]
    tags: list[str]
    restriction_level: RestrictionLevel
    created_at: datetime
    updated_at: datetime
    created_by: UserBasic | None

    @property
    def title(self) -> str:
        """What people call it."""
        return self.name or "Untitled dashboard"


class StoredTile(msgspec.Struct, frozen=True, kw_only=True):
    """A tile as it is stored: of an insight or of a text."""

    id: int
    dashboard_id: int
    insight_id: int | None
    text: dict[str, Any] | None
    layouts: dict[str, Any]
    color: str | None
    position: int
    deleted: bool


class TileOut(msgspec.Struct, frozen=True, kw_only=True):
    """A tile with its insight and the answer to it under the dashboard's filters, or with its text.

    `error` says why there is no answer, where computing it failed or there is no room for it.
    """

    id: int
    dashboard_id: int
    insight: InsightOut | None
    text: TileText | None
    layouts: dict[str, Any]
    color: str | None
    order: int
    last_refresh: datetime | None
    is_cached: bool
    error: str | None


class DashboardBasic(msgspec.Struct, frozen=True, kw_only=True):
    """A dashboard in a list."""

    id: int
    name: str | None
    description: str
    pinned: bool
    created_at: datetime
    created_by: UserBasic | None
    is_shared: bool
    deleted: bool
    creation_mode: CreationMode
    tags: Sequence[str]
    restriction_level: RestrictionLevel
    effective_restriction_level: int
    effective_privilege_level: int
    user_access_level: AccessLevel
    team_id: int


class DashboardOut(DashboardBasic, frozen=True, kw_only=True):
    """A dashboard with its tiles in their order."""

    filters: dict[str, Any]
    variables: dict[str, Any]
    tiles: Sequence[TileOut]
    last_refresh: datetime | None
