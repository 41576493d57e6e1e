"""Which of their own properties events about tickets show: never what somebody wrote, nor who (docs/insights.md)."""

from parley.conversations.ticket_changes.rules import metrics
from parley.people.events.rules.events import RESERVED

CHARTABLE = frozenset(metrics.CHARTABLE)


def is_of_ticket(event: str | None) -> bool:
    """Say whether this is the name of an event about a ticket."""
    return event is not None and event.startswith(RESERVED)
