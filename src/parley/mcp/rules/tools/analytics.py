"""Tools for insights, dashboards, customer journeys, subscriptions and shares."""

from parley.mcp.rules.tools.tool import PROJECT, Tool, named

INSIGHTS, DASHBOARDS = f"{PROJECT}/insights", f"{PROJECT}/dashboards"
JOURNEYS, SUBSCRIPTIONS = f"{PROJECT}/customer_journeys", f"{PROJECT}/subscriptions"
JOURNEY, SUBSCRIPTION = f"{JOURNEYS}/{{journey_id}}", f"{SUBSCRIPTIONS}/{{subscription_id}}"
INSIGHT_PAGE, DASHBOARD_PAGE = "/insights/{short_id}", "/dashboards/{id}"
JOURNEY_PAGE, SUBSCRIPTION_PAGE = "/journeys/{id}", "/subscriptions/{id}"
INSIGHT_NAMES = {"insight_id": "id"}
DASHBOARD_NAMES, JOURNEY_NAMES = {"dashboard_id": "id"}, {"journey_id": "id"}
SUBSCRIPTION_NAMES = {"subscription_id": "id"}
TEAM = frozenset({"name", "derived_name", "description", "query", "filters"})
SUBSCRIPTION_TEAM = frozenset(
    {"title", "resource_name", "target_value", "invite_message", "summary", "byweekday", "attachments"}
)
SHARE_TEAM = frozenset({"access_token", "settings", "share_passwords"})
PAGED = ("limit", "offset")
INSIGHT_IN_LISTS = named(
    "id short_id name derived_name description query tags favorited created_at last_modified_at"
)
SUBSCRIPTION_SHOWN = named(
    "id title summary insight dashboard resource_type resource_name target_type target_value "
    "frequency interval byweekday start_date enabled next_delivery_date last_delivered_at last_error "
    "disabled_reason created_at"
)

_INSIGHTS = (
    Tool(
        name="insights-list",
        title="List insights",
        about="List saved insights, without their answers.",
        method="GET",
        path=INSIGHTS,
        inputs=("search", "saved", "favorited", "insight", "tags", "date_from", "date_to", "order", *PAGED),
        shows=INSIGHT_IN_LISTS,
        team=TEAM,
        link=INSIGHT_PAGE,
    ),
    Tool(
        name="insights-retrieve",
        title="Show an insight",
        about="Show an insight with its answer; `id` is its number or its `short_id`.",
        method="GET",
        path=f"{INSIGHTS}/{{insight_id}}",
        names=INSIGHT_NAMES,
        shows=(*INSIGHT_IN_LISTS, "result", "columns", "last_refresh", "is_cached", "query_status"),
        team=TEAM,
        link=INSIGHT_PAGE,
    ),
    Tool(
        name="query-run",
        title="Ask about events",
        about="Answer a question about events, such as a TrendsQuery or a FunnelsQuery, without saving it.",
        method="POST",
        path=f"{PROJECT}/query",
        team=frozenset({"query"}),
        only_reads=True,
        is_idempotent=True,
    ),
    Tool(
        name="dashboards-list",
        title="List dashboards",
        about="List dashboards, without their tiles.",
        method="GET",
        path=DASHBOARDS,
        inputs=("search", "pinned", "tags", *PAGED),
        shows=("id", "name", "description", "pinned", "tags", "created_at"),
        team=TEAM,
        link=DASHBOARD_PAGE,
    ),
    Tool(
        name="dashboards-retrieve",
        title="Show a dashboard",
        about="Show a dashboard with the answers of its tiles.",
        method="GET",
        path=f"{DASHBOARDS}/{{dashboard_id}}",
        names=DASHBOARD_NAMES,
        shows=("id", "name", "description", "pinned", "tags", "tiles", "created_at"),
        team=TEAM,
        link=DASHBOARD_PAGE,
    ),
)
_JOURNEYS = (
    Tool(
        name="customer-journeys-list",
        title="List customer journeys",
        about="List the customer journeys of the project.",
        method="GET",
        path=JOURNEYS,
        inputs=PAGED,
        team=TEAM,
        link=JOURNEY_PAGE,
    ),
    Tool(
        name="customer-journeys-retrieve",
        title="Show a customer journey",
        about="Show a customer journey; the insight that it is about has the numbers.",
        method="GET",
        path=JOURNEY,
        names=JOURNEY_NAMES,
        team=TEAM,
        link=JOURNEY_PAGE,
    ),
    Tool(
        name="customer-journeys-people-list",
        title="List people at a step",
        about="List who reached a step of a journey, or who is stuck before it.",
        method="GET",
        path=f"{JOURNEY}/people",
        inputs=("step", "converted", "limit"),
        names=JOURNEY_NAMES,
    ),
    Tool(
        name="customer-journeys-create",
        title="Make a customer journey",
        about="Watch an insight, mostly of a funnel, as a customer journey.",
        method="POST",
        path=JOURNEYS,
        team=TEAM,
        link=JOURNEY_PAGE,
    ),
    Tool(
        name="customer-journeys-update",
        title="Change a customer journey",
        about="Change the name, the description or the insight of a journey.",
        method="PATCH",
        path=JOURNEY,
        names=JOURNEY_NAMES,
        team=TEAM,
        link=JOURNEY_PAGE,
        is_idempotent=True,
    ),
)
_SUBSCRIPTIONS = (
    Tool(
        name="subscriptions-list",
        title="List subscriptions",
        about="List what is delivered at fixed times.",
        method="GET",
        path=SUBSCRIPTIONS,
        inputs=("insight", "dashboard", "resource_type", "target_type", "search", "ordering", *PAGED),
        shows=SUBSCRIPTION_SHOWN,
        team=SUBSCRIPTION_TEAM,
        link=SUBSCRIPTION_PAGE,
    ),
    Tool(
        name="subscriptions-retrieve",
        title="Show a subscription",
        about="Show a subscription with its schedule and its last failure.",
        method="GET",
        path=SUBSCRIPTION,
        names=SUBSCRIPTION_NAMES,
        team=SUBSCRIPTION_TEAM,
        link=SUBSCRIPTION_PAGE,
    ),
    Tool(
        name="subscriptions-create",
        title="Make a subscription",
        about="Have an insight or a dashboard delivered at fixed times, by e-mail, to Slack or to a webhook.",
        method="POST",
        path=SUBSCRIPTIONS,
        team=SUBSCRIPTION_TEAM,
        link=SUBSCRIPTION_PAGE,
        sends=True,
    ),
    Tool(
        name="subscriptions-update",
        title="Change a subscription",
        about="Change a subscription, or pause it with `enabled`.",
        method="PATCH",
        path=SUBSCRIPTION,
        names=SUBSCRIPTION_NAMES,
        team=SUBSCRIPTION_TEAM,
        link=SUBSCRIPTION_PAGE,
        is_idempotent=True,
        sends=True,
    ),
    Tool(
        name="subscriptions-test-delivery-create",
        title="Deliver a subscription now",
        about="Deliver a subscription once, now, beside its schedule.",
        method="POST",
        path=f"{SUBSCRIPTION}/test-delivery",
        names=SUBSCRIPTION_NAMES,
        team=SUBSCRIPTION_TEAM,
        sends=True,
    ),
)


def _sharing(kind: str, path: str, names: dict[str, str]) -> tuple[Tool, Tool]:
    """Return the tools that show and change the link by which a thing of this kind is shared."""
    return (
        Tool(
            name=f"{kind}s-sharing-retrieve",
            title=f"Show how a {kind} is shared",
            about=f"Say whether people without an account see the {kind} by a link.",
            method="GET",
            path=path,
            names=names,
            team=SHARE_TEAM,
        ),
        Tool(
            name=f"{kind}s-sharing-partial-update",
            title=f"Share a {kind}",
            about=f"Share the {kind} by a link, or end that. Who has the link sees the {kind} without an account.",
            method="PATCH",
            path=path,
            names=names,
            team=SHARE_TEAM,
            is_idempotent=True,
            sends=True,
        ),
    )


TOOLS = (
    *_INSIGHTS,
    *_JOURNEYS,
    *_SUBSCRIPTIONS,
    *_sharing("insight", f"{INSIGHTS}/{{insight_id}}/sharing", INSIGHT_NAMES),
    *_sharing("dashboard", f"{DASHBOARDS}/{{dashboard_id}}/sharing", DASHBOARD_NAMES),
)
