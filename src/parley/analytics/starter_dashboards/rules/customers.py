"""What a team wants to know of the people who use its product, from captured events."""

from parley.analytics.starter_dashboards.rules.starters import Starter, StarterTile, event, node, trends

VISIT = "$pageview"
WEEKS = "-8w"

CUSTOMERS = Starter(
    name="customers",
    title="Customers",
    description="How many people come, who comes again, and what they look at.",
    tiles=(
        StarterTile(
            name="Visits",
            description="Pages that were viewed, each day.",
            query=trends(event(VISIT, "Pages viewed")),
        ),
        StarterTile(
            name="Active people",
            description="How many different people did anything, each day.",
            query=trends(event(None, "Active people", math="dau")),
        ),
        StarterTile(
            name="Lifecycle",
            description="Who was new, came again, came back and stayed away, each week.",
            query=node(
                {
                    "kind": "LifecycleQuery",
                    "series": [event(VISIT, "Pages viewed")],
                    "dateRange": {"date_from": WEEKS},
                    "interval": "week",
                }
            ),
            is_wide=True,
        ),
        StarterTile(
            name="Retention",
            description="Of those who came for the first time in a week, how many came again in the weeks after.",
            query=node(
                {
                    "kind": "RetentionQuery",
                    "retentionFilter": {
                        "retentionType": "retention_first_time",
                        "period": "Week",
                        "totalIntervals": 8,
                        "targetEntity": {"id": VISIT, "type": "events"},
                        "returningEntity": {"id": VISIT, "type": "events"},
                    },
                }
            ),
            is_wide=True,
        ),
        StarterTile(
            name="Top pages",
            description="The pages that were viewed most.",
            query=trends(event(VISIT, "Pages viewed"), display="ActionsBarValue", by="$pathname"),
        ),
        StarterTile(
            name="Days of use",
            description="On how many of the last 30 days people came.",
            query=node(
                {
                    "kind": "StickinessQuery",
                    "series": [event(VISIT, "Pages viewed")],
                    "dateRange": {"date_from": "-30d"},
                    "interval": "day",
                }
            ),
        ),
    ),
)
