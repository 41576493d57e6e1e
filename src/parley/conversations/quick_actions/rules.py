"""What is decided about quick actions: what they may hold, and who may change whom they are for."""

from collections.abc import Mapping
from typing import Any, Literal

from parley.conversations.ticket_api.ticket_actions import TicketActions
from parley.kernel.errors import Invalid, PermissionDenied
from parley.kernel.text.forms import is_blank

Visibility = Literal["team", "personal"]

NOT_THE_CREATOR = "Only the creator of a quick action can change its visibility."
SAYS_NOTHING = "A quick action needs content or at least one action."


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
