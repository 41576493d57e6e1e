"""Personal API keys on the wire."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from parley.accounts.api_keys.tables import MAX_LABEL_LENGTH
from parley.kernel.http.body import NAME

Label = Annotated[str, Meta(min_length=1, max_length=MAX_LABEL_LENGTH, extra=NAME)]
Scopes = Annotated[
    list[str], Meta(description="`*`, or such as `ticket:read`.", extra_json_schema={"minItems": 1})
]
ProjectIds = Annotated[list[int], Meta(max_length=1000)]
OrganizationIds = Annotated[list[UUID], Meta(max_length=1000)]


class KeyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A key without its value."""

    id: str
    label: str
    mask_value: str
    created_at: datetime
    last_used_at: datetime | None
    last_rolled_at: datetime | None
    scopes: list[str]
    scoped_teams: list[int]
    scoped_organizations: list[str]


class KeyWithValue(KeyOut, frozen=True, kw_only=True):
    """A key just made or rolled; nobody can read `value` again."""

    value: str


class NewKey(msgspec.Struct, frozen=True, kw_only=True):
    """A new key of the caller. An empty or missing limit is none."""

    label: Label
    scopes: Scopes
    scoped_teams: ProjectIds | None = None
    scoped_organizations: OrganizationIds | None = None


class KeyPatch(msgspec.Struct, frozen=True, kw_only=True):
    """What may change about a key."""

    label: Label | UnsetType = UNSET
    scopes: Scopes | UnsetType = UNSET
    scoped_teams: ProjectIds | UnsetType | None = UNSET
    scoped_organizations: OrganizationIds | UnsetType | None = UNSET
