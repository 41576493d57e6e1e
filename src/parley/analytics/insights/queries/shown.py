"""Insights as the API shows them."""

from collections.abc import Sequence

import msgspec

from parley.accounts.access_levels.queries.levels import default_level
from parley.analytics.insights.schemas import InsightOut, StoredInsight, TileOfInsight
from parley.kernel.http.authorization import AccessLevel, Actor

RESTRICTED_TO_NOBODY, MAY_EDIT, MAY_VIEW = 21, 37, 21
"""PostHog's numbers: everybody in the project may edit, the caller may edit, the caller may look."""


def shown_level(actor: Actor) -> AccessLevel:
    """Return what the caller may do with insights and dashboards: every member may at least look."""
    level = default_level(actor)
    return "viewer" if level == "none" else level


def shown_insight(found: StoredInsight, tiles: Sequence[TileOfInsight], level: AccessLevel) -> InsightOut:
    """Return an insight with the dashboards that show it, without an answer."""
    same = ("id", "short_id", "name", "derived_name", "description", "deleted", "created_at", "created_by")
    more = ("updated_at", "tags", "saved", "favorited", "last_modified_at", "last_modified_by")
    return InsightOut(
        **{name: getattr(found, name) for name in (*same, *more)},
        query=None if found.query is None else msgspec.Raw(found.query.encode()),
        dashboards=[tile.dashboard_id for tile in tiles if not tile.deleted],
        dashboard_tiles=tiles,
        effective_restriction_level=RESTRICTED_TO_NOBODY,
        effective_privilege_level=MAY_VIEW if level == "viewer" else MAY_EDIT,
        user_access_level=level,
        last_refresh=None,
        cache_target_age=None,
        next_allowed_client_refresh=None,
        result=None,
        has_more=None,
        columns=None,
        types=None,
        timezone=None,
        resolved_date_range=None,
        is_cached=False,
        query_status=None,
    )
