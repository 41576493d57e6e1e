"""What a request did to tickets, in words that follow their number: "3 conversations resolved"."""

from parley.conversations.bulk_changes.schemas import (
    BulkAssignee,
    BulkPriority,
    BulkSnooze,
    BulkStatus,
    BulkTags,
)

BulkRequest = BulkStatus | BulkPriority | BulkTags | BulkAssignee | BulkSnooze
MOST_NAMED = 3
VERBS = {"add": "tagged", "remove": "untagged", "set": "given the tags"}


def words_of(wanted: BulkRequest) -> str:
    """Return what a request of the API did to tickets, with the values as they travel."""
    if isinstance(wanted, BulkStatus):
        return f"set to {wanted.status}"
    if isinstance(wanted, BulkPriority):
        return f"given the priority {wanted.priority}" if wanted.priority else "left without a priority"
    if isinstance(wanted, BulkAssignee):
        return "assigned" if wanted.assignee else "unassigned"
    if isinstance(wanted, BulkSnooze):
        return "snoozed" if wanted.snoozed_until else "woken up"
    return _tagged(wanted)


def _tagged(wanted: BulkTags) -> str:
    if not wanted.tags:
        return "left without tags"
    named = ", ".join(wanted.tags[:MOST_NAMED])
    more = f" and {len(wanted.tags) - MOST_NAMED} more" if len(wanted.tags) > MOST_NAMED else ""
    return f"{VERBS[wanted.action]} {named}{more}"
