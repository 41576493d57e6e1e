"""Quick actions as they travel."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType, structs

from parley.accounts.users.schemas import UserBasic
from parley.conversations.quick_actions.placeholders import unknown_placeholders
from parley.conversations.quick_actions.rules import Visibility
from parley.conversations.ticket_api.ticket_actions import ABOUT_ACTIONS
from parley.kernel.http.body import NAME, TRIM

JsonObject = dict[str, Any]
Name = Annotated[str, Meta(min_length=1, max_length=200, extra=NAME)]
Description = Annotated[str, Meta(max_length=400, extra=TRIM)]
Content = Annotated[str, Meta(max_length=50_000)]
Actions = Annotated[JsonObject, Meta(extra_json_schema={"description": ABOUT_ACTIONS})]


class NewQuickAction(msgspec.Struct, frozen=True, kw_only=True):
    """A quick action to be made; it needs content or at least one action."""

    name: Name
    description: Description = ""
    content: Content = ""
    rich_content: JsonObject | None = None
    actions: Actions = {}
    visibility: Visibility = "team"


class QuickActionPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed about a quick action; `actions` are replaced whole."""

    name: Name | UnsetType = UNSET
    description: Description | UnsetType = UNSET
    content: Content | UnsetType = UNSET
    rich_content: JsonObject | UnsetType | None = UNSET
    actions: Actions | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET


class QuickActionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A quick action. `actions` holds only what it sets."""

    id: UUID
    short_id: str
    name: str
    description: str
    content: str
    rich_content: JsonObject | None
    actions: JsonObject
    visibility: Visibility
    created_at: datetime
    updated_at: datetime
    created_by: UserBasic | None


class QuickActionAnswer(QuickActionOut, frozen=True, kw_only=True):
    """A quick action, and what in its text looks like a placeholder and is filled in by hand."""

    unknown_placeholders: list[str]


def answered(found: QuickActionOut) -> QuickActionAnswer:
    """Return a quick action with what whoever made it has to know of its text."""
    unknown = unknown_placeholders(found.content, found.rich_content)
    return QuickActionAnswer(**structs.asdict(found), unknown_placeholders=unknown)
