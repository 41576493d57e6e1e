"""Entries of the activity log as they travel, and as they are stored in `detail`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, UnsetType

from parley.accounts.users.schemas import UserBasic


class Change(msgspec.Struct, frozen=True):
    """One thing that became another. `type` is the scope of the item; instants are ISO 8601 text."""

    type: str
    action: Literal["changed", "created", "deleted"]
    field: str
    before: Any
    after: Any


class Trigger(msgspec.Struct, frozen=True):
    """What made a change where no person did: `job_type` `hog_flow` and the id of the flow."""

    job_type: str
    job_id: str


class Detail(msgspec.Struct, frozen=True, kw_only=True):
    """What an entry says; `trigger` is only there where something other than a person acted on purpose."""

    name: str | None
    short_id: str | None = None
    changes: Sequence[Change] = ()
    trigger: Trigger | UnsetType = UNSET


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """Something that was done to one item. `user_id` is None where the system did it."""

    project_id: int
    user_id: int | None
    activity: str
    scope: str
    item_id: str
    detail: Detail
    created_at: datetime


class EntryOut(msgspec.Struct, frozen=True, kw_only=True):
    """An entry. `user` is null where the system acted, and when the user is gone."""

    id: UUID
    user: UserBasic | None
    activity: str
    scope: str
    item_id: str
    detail: Detail
    created_at: datetime
    was_impersonated: bool
