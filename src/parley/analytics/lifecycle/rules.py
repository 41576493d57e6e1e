"""The shape of the results of lifecycle."""

from collections.abc import Mapping
from typing import Any

from parley.analytics.query_schema.kinds import LifecycleQuery
from parley.analytics.query_schema.period import Period

STATUSES = ("new", "returning", "resurrecting", "dormant")
NEW, RETURNING, RESURRECTING, DORMANT = STATUSES


def lines(
    query: LifecycleQuery, period: Period, counts: Mapping[tuple[str, int], int]
) -> list[dict[str, Any]]:
    """Return a row for each status that is shown; `counts` has people by status and interval, none for zero.

    Those who stayed away are counted below zero.
    """
    node, n = query.series[0], len(period.edges) - 1
    shown = query.lifecycle_filter.toggled_lifecycles or STATUSES
    rows = []
    for status in STATUSES:
        if status in shown:
            sign = -1 if status == DORMANT else 1
            data = [sign * counts.get((status, index), 0) for index in range(n)]
            row = {
                "action": {"id": node.event, "name": node.name or node.event, "type": "events", "order": 0},
                "label": f"{node.label} - {status}",
                "status": status,
                "count": sum(data),
                "data": data,
                "labels": period.labels,
                "days": period.days,
            }
            rows.append(row)
    return rows
