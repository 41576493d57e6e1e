"""What can be chosen in the form of an insight, by the names of the query and in words."""

from parley.analytics.query_schema.schemas import PROPERTY_MATH

KINDS = {
    "TrendsQuery": "Trends: how often something happens",
    "FunnelsQuery": "Funnel: how many go on from step to step",
    "RetentionQuery": "Retention: who comes back",
    "LifecycleQuery": "Lifecycle: new, returning and lost people",
    "StickinessQuery": "Stickiness: on how many days people are active",
    "EventsQuery": "Table: the events themselves",
}
SHORT_KINDS = {kind: words.split(":")[0] for kind, words in KINDS.items()}
MATHS = {
    "total": "Number of events",
    "dau": "Number of people",
    "weekly_active": "People active in 7 days",
    "monthly_active": "People active in 30 days",
    "unique_session": "Number of sessions",
    "sum": "Sum of a property",
    "avg": "Average of a property",
    "min": "Smallest value of a property",
    "max": "Largest value of a property",
    "median": "Median of a property",
    "p75": "75th percentile of a property",
    "p90": "90th percentile of a property",
    "p95": "95th percentile of a property",
    "p99": "99th percentile of a property",
}
OPERATORS = {
    "exact": "is",
    "is_not": "is not",
    "icontains": "contains",
    "not_icontains": "doesn't contain",
    "regex": "matches the pattern",
    "not_regex": "doesn't match the pattern",
    "gt": "is greater than",
    "gte": "is at least",
    "lt": "is less than",
    "lte": "is at most",
    "is_set": "is set",
    "is_not_set": "is not set",
    "is_date_exact": "is the day",
    "is_date_before": "is before",
    "is_date_after": "is after",
}
WITHOUT_VALUE = ("is_set", "is_not_set")
ONE_VALUE = ("gt", "gte", "lt", "lte", "is_date_exact", "is_date_before", "is_date_after")
MATCHES = {"AND": "all of these hold", "OR": "any of these holds"}
OWNERS = {"event": "of the event", "person": "of the person"}
INTERVALS = {"hour": "Hours", "day": "Days", "week": "Weeks", "month": "Months"}
CUSTOM = "custom"
PERIODS = {
    "-24h": "The last 24 hours",
    "dStart": "Today",
    "-7d": "The last 7 days",
    "-14d": "The last 14 days",
    "-30d": "The last 30 days",
    "-90d": "The last 90 days",
    "-180d": "The last 180 days",
    "mStart": "This month",
    "yStart": "This year",
    "all": "All time",
    CUSTOM: "Other days …",
}
COMPARED = {
    "": "Nothing",
    "before": "The time right before",
    "-1w": "A week earlier",
    "-1m": "A month earlier",
    "-1y": "A year earlier",
}
LIFECYCLES = {
    "new": "New",
    "returning": "Returning",
    "resurrecting": "Resurrecting",
    "dormant": "Dormant",
}
DISPLAYS = {
    "ActionsLineGraph": "Lines",
    "ActionsLineGraphCumulative": "Lines that add up",
    "ActionsAreaGraph": "Areas",
    "ActionsBar": "Bars over time",
    "ActionsStackedBar": "Stacked bars over time",
    "ActionsUnstackedBar": "Bars side by side",
    "ActionsBarValue": "A bar for each total",
    "ActionsPie": "Ring",
    "BoldNumber": "One number",
    "ActionsTable": "Table of totals",
}
UNITS = {
    "": "Numbers",
    "duration": "Seconds, as lengths of time",
    "duration_ms": "Milliseconds, as lengths of time",
    "percentage": "Percent (50 is 50 %)",
    "percentage_scaled": "Percent (0.5 is 50 %)",
}
ORDERS = {
    "ordered": "in this order",
    "strict": "in this order, with nothing between",
    "unordered": "in any order",
}
WINDOW_UNITS = {
    "second": "seconds",
    "minute": "minutes",
    "hour": "hours",
    "day": "days",
    "week": "weeks",
    "month": "months",
}
FUNNEL_VIEWS = {
    "steps": "Steps",
    "time_to_convert": "Time to the last step",
    "trends": "Conversion over time",
}
RETENTION_TYPES = {
    "retention_first_time": "for the first time",
    "retention_recurring": "each time",
}
RETENTION_PERIODS = {"Hour": "hours", "Day": "days", "Week": "weeks", "Month": "months"}
WITH_PROPERTY = sorted(PROPERTY_MATH)
