"""Which properties of events about tickets insights may show: never what somebody wrote, nor who (docs/insights.md)."""

from parley.people.events.rules.events import RESERVED

CHARTABLE = frozenset(
    (
        "actor_type",
        "assignee_id",
        "assignee_type",
        "author_type",
        "channel_detail",
        "channel_source",
        "new_priority",
        "new_status",
        "old_priority",
        "old_status",
        "priority",
        "sla_active",
        "sla_breached",
        "sla_delta_seconds",
        "status",
    )
)


def is_of_ticket(event: str | None) -> bool:
    """Say whether this is the name of an event about a ticket."""
    return event is not None and event.startswith(RESERVED)
