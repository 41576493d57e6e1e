"""What events say of a ticket so that teams can chart their work (docs/webhooks.md#what-you-hear-of)."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol
from uuid import UUID

import msgspec

CHARTABLE = (
    "status",
    "old_status",
    "new_status",
    "priority",
    "old_priority",
    "new_priority",
    "channel_source",
    "channel_detail",
    "author_type",
    "assignee_type",
    "assignee_id",
    "actor_type",
    "actor_id",
    "actor_name",
    "tags",
    "first_response_seconds",
    "resolution_seconds",
    "sla_active",
    "sla_breached",
    "sla_delta_seconds",
    "backlog_count",
    "backlog_under_1_day",
    "backlog_1_to_3_days",
    "backlog_3_to_7_days",
    "backlog_over_7_days",
)
"""The properties of events about tickets by which charts may count and divide. None holds what somebody wrote, nor who
the customer is."""


class Assigned(Protocol):
    """What says to whom a ticket is assigned."""

    @property
    def assignee_user_id(self) -> int | None: ...

    @property
    def assignee_role_id(self) -> UUID | None: ...


def assignee(ticket: Assigned, after: Mapping[str, Any]) -> dict[str, Any]:
    """Return to whom a ticket is assigned; `after` says which of its columns have changed."""
    user_id = after.get("assignee_user_id", ticket.assignee_user_id)
    role_id = after.get("assignee_role_id", ticket.assignee_role_id)
    type_, id = ("user", user_id) if user_id is not None else ("role", role_id)
    return {
        "assignee_type": type_ if id is not None else None,
        "assignee_id": str(id) if id is not None else None,
    }


def tags_of(json: str | None, added: Sequence[str] = (), removed: Sequence[str] = ()) -> str | None:
    """Return the tags of a ticket in one text, sorted, as charts divide by them; None where it has none."""
    present = set(msgspec.json.decode(json, type=list[str])) if json else set()
    return ", ".join(sorted(present - set(removed) | set(added))) or None


def due_time(due: datetime | None, at: datetime) -> dict[str, Any]:
    """Return whether an answer was due, and whether it is late."""
    left = (due - at).total_seconds() if due is not None else None
    return {
        "sla_due_at": due.isoformat().replace("+00:00", "Z") if due is not None else None,
        "sla_active": due is not None,
        "sla_breached": left is not None and left < 0,
        "sla_delta_seconds": left,
    }


def seconds_between(start: datetime, end: datetime) -> float:
    """Return how long something took; never less than nothing, since servers' clocks differ."""
    return max((end - start).total_seconds(), 0.0)
