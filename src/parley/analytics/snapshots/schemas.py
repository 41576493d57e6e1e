"""Blocks of recordings, as they are read and as they are listed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal
from uuid import UUID

import msgspec


class StoredBlock(msgspec.Struct, frozen=True):
    """A block as it is read."""

    number: int
    window_id: str
    start_at: datetime
    object_id: UUID
    size_bytes: int


class SnapshotSource(msgspec.Struct, frozen=True, kw_only=True):
    """One block: its key, and which time it covers. Blocks stand in the order of their arrival."""

    source: Literal["blob_v2"] = "blob_v2"
    start_timestamp: datetime
    end_timestamp: datetime
    blob_key: str


class SnapshotSources(msgspec.Struct, frozen=True):
    """The blocks of a recording."""

    sources: Sequence[SnapshotSource]
