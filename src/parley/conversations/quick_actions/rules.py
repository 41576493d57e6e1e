"""What is decided about quick actions: what they may hold, and who may change whom they are for."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from parley.conversations.tickets.rules import Priority, Status
from parley.kernel.errors import Invalid, PermissionDenied, too_long
from parley.kernel.http.problems import problem
from parley.kernel.text.forms import is_blank, normal_tag

Visibility = Literal["team", "personal"]
MAX_TAG_LENGTH = 255
TagName = Annotated[str, Meta(max_length=1000)]

MAX_ACTIONS = 10_000
MAX_RICH_CONTENT = 100_000
MAX_DATABASE_INT = 2**31 - 1
NOT_THE_CREATOR = "Only the creator of a quick action can change its visibility."
SAYS_NOTHING = "A quick action needs content or at least one action."


class UserAssignee(msgspec.Struct, frozen=True, tag_field="type", tag="user"):
    """A user who shall take care of the ticket."""

    id: Annotated[int, Meta(ge=1, le=MAX_DATABASE_INT)]


class RoleAssignee(msgspec.Struct, frozen=True, tag_field="type", tag="role"):
    """A role whose people shall take care of the ticket."""

    id: UUID


class TicketActions(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What applying a quick action sets on a ticket; what is null or empty stays as it is. Tags are added."""

    status: Status | None = None
    priority: Priority | None = None
    tags: Annotated[tuple[TagName, ...], Meta(max_length=100)] = ()
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
    return msgspec.structs.replace(found, tags=_normal_tags(found.tags))


def _normal_tags(names: Sequence[str]) -> tuple[str, ...]:
    normal = [normal_tag(name) for name in names]
    for index, name in enumerate(normal):
        if len(name) > MAX_TAG_LENGTH:
            raise too_long(MAX_TAG_LENGTH, f"actions__tags__{index}")
    return tuple(sorted({name for name in normal if name}))


def check_rich_content(rich_content: Mapping[str, Any] | None) -> None:
    """Raise Invalid for a rich form that is too large."""
    if rich_content and len(msgspec.json.encode(rich_content)) > MAX_RICH_CONTENT:
        raise Invalid("Rich content too large (max 100KB).", code="max_length", attr="rich_content")


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
