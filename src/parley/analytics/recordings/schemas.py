"""What travels of recordings."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Literal
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


class StoredRecording(msgspec.Struct, frozen=True, kw_only=True):
    """The row of a recording that is there."""

    session_id: str
    distinct_id: str
    start_at: datetime
    end_at: datetime
    active_ms: int
    click_count: int
    keypress_count: int
    mouse_activity_count: int
    console_log_count: int
    console_warn_count: int
    console_error_count: int
    start_url: str | None
    snapshot_source: str
    n_blocks: int
    size_bytes: int
    last_seen_at: datetime
    expires_at: datetime | None
    is_pinned: bool


class RecordingPerson(msgspec.Struct, frozen=True):
    """Whose recording it is; `distinct_ids` are the ten oldest. Of large properties only those that name somebody."""

    id: UUID
    uuid: UUID
    name: str
    distinct_ids: Sequence[str]
    properties: dict[str, Any]
    created_at: datetime


class RecordingOut(msgspec.Struct, frozen=True, kw_only=True):
    """A recording. Its `id` is the session id of the SDK. Durations are in seconds, `viewers` are addresses of others.

    `recording_ttl` says in how many days it goes; like `expiry_time` it is null while the recording is pinned.
    """

    id: str
    distinct_id: str
    viewed: bool
    viewers: Sequence[str]
    recording_duration: int
    active_seconds: int
    inactive_seconds: int
    start_time: datetime
    end_time: datetime
    click_count: int
    keypress_count: int
    mouse_activity_count: int
    console_log_count: int
    console_warn_count: int
    console_error_count: int
    start_url: str | None
    person: RecordingPerson | None
    storage: Literal["object_storage"] = "object_storage"
    snapshot_source: str
    ongoing: bool
    activity_score: float
    retention_period_days: int | None
    expiry_time: datetime | None
    recording_ttl: int | None
    is_pinned: bool


class RecordingPage(msgspec.Struct, frozen=True, kw_only=True):
    """Recordings in the order of the list. With `next_cursor` as `after` the next page costs what the first one does."""

    results: Sequence[RecordingOut]
    has_next: bool
    next_cursor: str | None
    version: Literal[4] = 4


class PublicRecording(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody sees of a recording who has it by a shared link; its duration is in seconds."""

    id: str
    recording_duration: int
    start_time: datetime
    end_time: datetime


class RecordingPatch(msgspec.Struct, frozen=True):
    """What is noted of a recording: that the caller has watched it."""

    viewed: bool = False


class RecordingNoted(msgspec.Struct, frozen=True):
    """It is noted."""

    success: Literal[True] = True
