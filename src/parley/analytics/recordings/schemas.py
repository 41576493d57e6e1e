"""What travels of recordings."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

OBJECT_KIND = "recording"
"""Of the keys of objects: `object_key(project_id, OBJECT_KIND, object_id)`."""


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody did, as it is counted: milliseconds of activity, and numbers of events."""

    active_ms: int = 0
    click_count: int = 0
    keypress_count: int = 0
    mouse_activity_count: int = 0
    console_log_count: int = 0
    console_warn_count: int = 0
    console_error_count: int = 0


class NewBlock(msgspec.Struct, frozen=True, kw_only=True):
    """A batch of a recorder whose object is stored; `size_bytes` is the size of the object."""

    object_id: UUID
    digest: bytes
    window_id: str
    start_at: datetime
    end_at: datetime
    size_bytes: int
    n_events: int
    activity: Activity
    start_url: str | None


class NewPart(msgspec.Struct, frozen=True, kw_only=True):
    """What one request brings of one session."""

    session_id: str
    distinct_id: str
    snapshot_source: str
    blocks: Sequence[NewBlock]


class RecordingLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much a project may record, and for how many days it is kept. Bytes are those of objects."""

    kept_days: int
    recording_bytes: int
    recording_hours: int
    day_bytes: int
    day_recordings: int
