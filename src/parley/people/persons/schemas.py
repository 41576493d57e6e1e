"""Persons on the wire."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

AnyKey = Annotated[str, msgspec.Meta(max_length=400)]
"""A name as capture may have stored it: empty, too."""
Key = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]


class PersonOut(msgspec.Struct):
    """A person; `id` and `uuid` are the same, as clients know either."""

    id: UUID
    uuid: UUID
    name: str
    distinct_ids: list[str]
    properties: dict[str, Any]
    created_at: datetime
    last_seen_at: datetime | None


class PersonPatch(msgspec.Struct):
    """Properties to set; those that are not named stay."""

    properties: dict[str, Any] = {}


class NewProperty(msgspec.Struct):
    """One property to set."""

    key: Key
    value: Any


class OldProperty(msgspec.Struct):
    """One property to take away; its name in `$unset`, or in `key`."""

    unset: AnyKey | None = msgspec.field(name="$unset", default=None)
    key: AnyKey | None = None
