"""What is decided about quick actions: what they may hold, and who may change whom they are for."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from parley.conversations.tickets.rules.assignees import RoleAssignee, UserAssignee
from parley.conversations.tickets.rules.fields import Priority, Status
from parley.conversations.tickets.rules.tags import MAX_TAGS, checked_tags
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.http.problems import problem
from parley.kernel.text.forms import is_blank

Visibility = Literal["team", "personal"]
TagName = Annotated[str, Meta(max_length=1000)]

MAX_ACTIONS = 10_000
NOT_THE_CREATOR = "Only the creator of a quick action can change its visibility."
SAYS_NOTHING = "A quick action needs content or at least one action."


class TicketActions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What applying a quick action sets on a ticket; what is null or empty stays as it is. Tags are added."""

    status: Status | None = None
    priority: Priority | None = None
    tags: Annotated[tuple[TagName, ...], Meta(max_length=MAX_TAGS)] = ()
    assignee: UserAssignee | RoleAssignee | None = None


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


def check_says_something(
    content: str, rich_content: Mapping[str, Any] | None, actions: TicketActions
) -> None:
    """Raise Invalid for a quick action that would do nothing."""
    if is_blank(content) and not rich_content and actions == TicketActions():
        raise Invalid(SAYS_NOTHING, attr="content")


def check_visibility_change(before: str, after: str, *, is_creator: bool) -> None:
    """Raise PermissionDenied when somebody would take a quick action from the team, or give theirs, who hasn't made it."""
    if after != before and not is_creator:
        raise PermissionDenied(NOT_THE_CREATOR)
