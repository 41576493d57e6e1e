"""Saved views as they travel."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.users.schemas import UserBasic
from parley.conversations.saved_views.rules import Visibility
from parley.kernel.http.body import NAME

ABOUT_FILTERS = (
    "At most 10,000 characters of JSON. Known keys are checked: status, priority, channel, sla, aiTriageResult, assignee, "
    "tags, tagsMatch, tagsExclude, dateFrom, dateTo, sorting, search; `snoozed` where it is true or false. "
    "Others are kept as they are."
)
Name = Annotated[str, Meta(min_length=1, max_length=400, extra=NAME)]
Filters = Annotated[dict[str, Any], Meta(extra_json_schema={"description": ABOUT_FILTERS})]


class NewView(msgspec.Struct, frozen=True, kw_only=True):
    """A view to be saved."""

    name: Name
    filters: Filters = {}
    visibility: Visibility = "shared"


class ViewPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may be changed about a view; `filters` are replaced whole, `is_favorited` is the caller's own."""

    name: Name | UnsetType = UNSET
    filters: Filters | UnsetType = UNSET
    visibility: Visibility | UnsetType = UNSET
    is_favorited: bool | UnsetType = UNSET


class ViewOut(msgspec.Struct, frozen=True, kw_only=True):
    """A saved view. `created_by` is null once its creator has left; then it is shared."""

    id: UUID
    short_id: str
    name: str
    filters: dict[str, Any]
    visibility: Visibility
    is_favorited: bool
    created_at: datetime
    created_by: UserBasic | None
