"""Which field of the form a problem of its query is about."""

import re

from parley.analytics.insight_pages.rules.choices import CUSTOM
from parley.analytics.insight_pages.rules.forms import InsightForm

SERIES = re.compile(r"__series__([0-9]{1,2})(?:__(.*))?")
EXCLUSION = re.compile(r"__exclusions__([0-9]{1,2})(?:__(funnelFromStep|funnelToStep))?")
ENTITIES = {"targetEntity": 0, "returningEntity": 1}
OF_EXCLUSION = {"funnelFromStep": "excluded_from", "funnelToStep": "excluded_to"}
CONDITION = re.compile(r"properties__(?:values__)?([0-9]{1,2})(?:__(key|operator|value|type))?")
PLACES = (
    ("__formula", "formula"),
    ("__interval", "interval"),
    ("__breakdown", "breakdown"),
    ("compareFilter", "compare"),
    ("__exclusions", "order"),
    ("__properties__type", "match"),
    ("funnelWindowInterval", "window"),
    ("totalIntervals", "n_intervals"),
    ("targetEntity", "event_0"),
    ("returningEntity", "returning"),
    ("__select", "columns"),
    ("__event", "event_0"),
    ("__series", "event_0"),
)
"""By a part of the place, the first that fits."""
DATES = (("date_from", "date_from"), ("date_to", "date_to"), ("after", "date_from"), ("before", "date_to"))
OF_CONDITION = {"key": "key", "operator": "operator", "type": "owner"}


def field_of(form: InsightForm, attr: str | None) -> str | None:
    """Return the id of the field that an error's `attr` means, such as `math_property_0`; None where there is none."""
    if attr is None or not attr.startswith("query"):
        return attr if attr in ("name", "description") else None
    if found := EXCLUSION.search(attr):
        n = int(found[1])
        name = OF_EXCLUSION.get(found[2], "excluded")
        return f"{name}_{form.excluded[n]}" if n < len(form.excluded) else None
    row = next((n for name, n in ENTITIES.items() if f"{name}__properties" in attr), None)
    if found := SERIES.search(attr):
        n, rest = int(found[1]), found[2] or ""
        row = form.chosen[n] if n < len(form.chosen) else 0
        if not rest.startswith("properties"):
            return f"{rest}_{row}" if rest in ("math", "math_property") else f"event_{row}"
    if found := CONDITION.search(attr):
        n, rows = int(found[1]), form.conditions_on(row)
        return f"{OF_CONDITION.get(found[2], 'value')}_{rows[n]}" if n < len(rows) else None
    for part, field in DATES:
        if attr.endswith(f"__{part}"):
            return field if form.period == CUSTOM else "period"
    return next((field for part, field in PLACES if part in attr), None)
