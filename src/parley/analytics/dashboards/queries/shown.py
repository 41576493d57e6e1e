"""Dashboards as the API shows them."""

from collections.abc import Sequence
from typing import Any

from parley.analytics.dashboards.queries.dashboards import shared_dashboards
from parley.analytics.dashboards.schemas import DashboardBasic, StoredDashboard
from parley.analytics.insights.queries.shown import MAY_EDIT, MAY_VIEW, shown_level
from parley.kernel.database.transaction import Db
from parley.kernel.http.authorization import Actor


async def shown_dashboards(db: Db, actor: Actor, found: Sequence[StoredDashboard]) -> list[DashboardBasic]:
    """Return dashboards as a list shows them."""
    shared = await shared_dashboards(db, actor.project_id, [one.id for one in found])
    return [DashboardBasic(**fields_of(one, actor, is_shared=str(one.id) in shared)) for one in found]


def fields_of(found: StoredDashboard, actor: Actor, *, is_shared: bool) -> dict[str, Any]:
    """Return what lists and single dashboards show alike."""
    same = (
        "id",
        "name",
        "description",
        "pinned",
        "created_at",
        "created_by",
        "deleted",
        "creation_mode",
        "tags",
    )
    level = shown_level(actor)
    return {
        **{name: getattr(found, name) for name in (*same, "restriction_level")},
        "is_shared": is_shared,
        "effective_restriction_level": found.restriction_level,
        "effective_privilege_level": MAY_VIEW if level == "viewer" else MAY_EDIT,
        "user_access_level": level,
        "team_id": found.project_id,
    }
