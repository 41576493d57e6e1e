"""What can be chosen in the form of a subscription."""

from parley.analytics.subscriptions.rules.recurrence import WEEKDAYS

TARGETS = {"email": "Mail", "slack": "Slack", "webhook": "URL"}
TARGET_LABELS = {
    "email": "Addresses",
    "slack": "Channel, or URL of an incoming webhook",
    "webhook": "URL",
}
TARGET_HINTS = {
    "email": "One on each line, or with commas between them; at most 100. Who is new gets an invitation.",
    "slack": "A URL, such as https://hooks.slack.com/services/..., is not shown again.",
    "webhook": "It gets a signed message at each date, with the results as JSON.",
}
UNITS = {"daily": "days", "weekly": "weeks", "monthly": "months", "yearly": "years"}
DAYS: dict[str, str] = {name: name.capitalize() for name in WEEKDAYS}
PLACES = {
    "": "each of these days",
    "1": "the first",
    "2": "the second",
    "3": "the third",
    "4": "the fourth",
    "-1": "the last",
}
TILES = {"first": "The first six", "all": "All of them", "chosen": "Only these, at most six"}
ABOUT = {"insight": "Insights", "dashboard": "Dashboards"}
