"""What features know by name alone, since it lies above or beside them; `main` puts it into the state of the application."""

from parley.accounts.two_factor.queries.break_glass import owner_gets_in
from parley.analytics.dashboards.actions.shared import (
    answered_dashboard,
    check_may_share_dashboard,
    dashboard_to_share,
    public_dashboard,
)
from parley.analytics.dashboards.actions.tiles import place_insight
from parley.analytics.dashboards.queries.tiles import tiles_of_insights
from parley.analytics.insights.actions.shared import (
    answered_insight,
    check_may_share_insight,
    insight_to_share,
    public_insight,
)
from parley.analytics.insights.places import InsightPlaces
from parley.analytics.playback.queries import shared_recording
from parley.analytics.sharing.targets import ShareTarget
from parley.analytics.subscriptions.workspaces import Workspaces
from parley.email.compose.queries import channel_of_ticket
from parley.integrations.slack_reports.workspaces import kind_of, offered
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def _ask_for_demo(db: Db, services: Services, project_id: int) -> bool:
    from parley.demo.loading import ask_for_demo_data  # its texts are needed once in the life of a server

    return await ask_for_demo_data(db, services, project_id)


async def _demo_obstacle(services: Services, project_id: int) -> str | None:
    from parley.demo.obstacles import demo_obstacle

    return await demo_obstacle(services, project_id)


HANDED_DOWN = {
    "ask_for_demo": _ask_for_demo,
    "demo_obstacle": _demo_obstacle,
    "channel_of_ticket": channel_of_ticket,
    "owner_gets_in": owner_gets_in,
    "insight_places": InsightPlaces(tiles_of_insights, place_insight),
    "workspaces": Workspaces(kind_of, offered),
    "share_targets": {
        "recording": ShareTarget(public=shared_recording),
        "insight": ShareTarget(
            public=public_insight,
            check_may_share=check_may_share_insight,
            found=insight_to_share,
            opened=answered_insight,
            template="insights/shared.html",
        ),
        "dashboard": ShareTarget(
            public=public_dashboard,
            check_may_share=check_may_share_dashboard,
            found=dashboard_to_share,
            opened=answered_dashboard,
            template="dashboards/shared.html",
        ),
    },
}
