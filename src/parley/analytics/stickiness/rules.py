"""The shape of the results of stickiness."""

from collections.abc import Mapping
from typing import Any

from parley.analytics.query_schema.period import Period
from parley.analytics.query_schema.schemas import EventsNode


def line(
    node: EventsNode, order: int, period: Period, people: Mapping[int, int], *, is_cumulative: bool
) -> dict[str, Any]:
    """Return the row of a series; `people` has how many were active in exactly so many intervals.

    Cumulated, each number counts those who were active in so many intervals or more.
    """
    n = len(period.edges) - 1
    data = [people.get(count, 0) for count in range(1, n + 1)]
    if is_cumulative:
        data = [sum(data[index:]) for index in range(n)]
    return {
        "action": {
            "id": node.event,
            "name": node.name or node.event,
            "custom_name": node.custom_name,
            "type": "events",
            "order": order,
            "math": node.math,
        },
        "label": node.label,
        "count": sum(people.values()),
        "data": data,
        "days": list(range(1, n + 1)),
        "labels": [f"{count} {period.interval}{'' if count == 1 else 's'}" for count in range(1, n + 1)],
    }
