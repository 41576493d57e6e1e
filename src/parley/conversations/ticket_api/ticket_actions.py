"""What a prepared change sets on a ticket, as quick actions, drafts and held replies carry it."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from parley.conversations.tickets.rules.assignees import RoleAssignee, UserAssignee
from parley.conversations.tickets.rules.fields import Priority, Status
from parley.conversations.tickets.rules.tags import MAX_TAGS, checked_tags
from parley.kernel.errors import Invalid
from parley.kernel.http.problems import problem

TagName = Annotated[str, Meta(max_length=1000)]

MAX_ACTIONS = 10_000
ABOUT_ACTIONS = (
    "What to set on the ticket: status, priority, tags (added to those it has) and assignee, "
    "`{type: user or role, id}`. Null and empty values set nothing."
)


class TicketActions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is set on a ticket; what is null or empty stays as it is. Tags are added."""

    status: Status | None = None
    priority: Priority | None = None
    tags: Annotated[tuple[TagName, ...], Meta(max_length=MAX_TAGS)] = ()
    assignee: UserAssignee | RoleAssignee | None = None


NOTHING = TicketActions()
KNOWN_ACTIONS = TicketActions.__struct_fields__


def checked_actions(actions: Mapping[str, Any]) -> TicketActions:
    """Return the actions with tags trimmed, in lower case, each once, sorted; raises Invalid."""
    if len(msgspec.json.encode(actions)) > MAX_ACTIONS:
        raise Invalid("Actions too large (max 10KB).", code="max_length", attr="actions")
    unknown = next((name for name in actions if name not in KNOWN_ACTIONS), None)
    if unknown is not None:
        known = ", ".join(KNOWN_ACTIONS)
        raise Invalid(f"Unknown action. Known are: {known}.", attr=f"actions__{unknown[:100]}")
    try:
        found = msgspec.convert(actions, TicketActions)
    except msgspec.ValidationError as error:
        raise problem(TicketActions, actions, "actions", strict=True) from error
    return msgspec.structs.replace(found, tags=tuple(checked_tags(found.tags, "actions__tags")))


def stored_actions(actions: Any) -> TicketActions:
    """Return actions as they were checked and stored; nothing for null, and for what an older version stored."""
    try:
        return checked_actions(actions) if isinstance(actions, Mapping) else NOTHING
    except Invalid:
        return NOTHING


def together(first: TicketActions, second: TicketActions) -> TicketActions:
    """Return what both set: the tags of both, and of everything else what the second one says, if it says something."""
    return TicketActions(
        status=second.status or first.status,
        priority=second.priority or first.priority,
        tags=tuple(sorted({*first.tags, *second.tags})),
        assignee=second.assignee or first.assignee,
    )
