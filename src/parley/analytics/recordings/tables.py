"""Tables of recordings."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    String,
    Table,
    UniqueConstraint,
)

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

recording = Table(
    "recording",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("session_id", String(200), primary_key=True),
    Column("distinct_id", String(400), nullable=False),  # of the batch that came first
    # By the clock of the recorder, unless it is plainly wrong.
    Column("start_at", UtcDateTime, nullable=False),
    Column("end_at", UtcDateTime, nullable=False),
    Column("active_ms", BigInteger, nullable=False),
    Column("click_count", Integer, nullable=False),
    Column("keypress_count", Integer, nullable=False),
    Column("mouse_activity_count", Integer, nullable=False),
    Column("console_log_count", Integer, nullable=False),
    Column("console_warn_count", Integer, nullable=False),
    Column("console_error_count", Integer, nullable=False),
    Column("start_url", String(512)),
    Column("snapshot_source", String(20), nullable=False),
    Column("n_blocks", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),  # of its blocks, as they count against limits
    Column("first_seen_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime),  # null while it is pinned
    Column("is_pinned", Boolean, nullable=False),
    # The row of a deleted recording stays for a while, so that neither a late batch nor a link brings it back.
    Column("deleted_at", UtcDateTime),
    Index("ix_recording_start", "project_id", "start_at", "session_id"),
    Index("ix_recording_person", "project_id", "distinct_id", "start_at"),
    Index("ix_recording_expires_at", "expires_at"),
)

recording_block = Table(
    "recording_block",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("session_id", String(200), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 0, in the order of arrival
    Column("digest", LargeBinary(32), nullable=False),  # the same batch sent twice is stored once
    Column("window_id", String(70), nullable=False),
    Column("start_at", UtcDateTime, nullable=False),
    Column("end_at", UtcDateTime, nullable=False),
    Column(
        "object_id", Uuid, nullable=False
    ),  # with the project it is the key of the object, of the kind `recording`
    Column("size_bytes", Integer, nullable=False),
    Column("n_events", Integer, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "session_id"], ["recording.project_id", "recording.session_id"], ondelete="CASCADE"
    ),
    UniqueConstraint("project_id", "session_id", "digest"),
    Index("ix_recording_block_object", "project_id", "object_id"),  # whether a row names an object
)

# What a project has recorded on a day of UTC, and which of its limits was reached last.
recording_usage = Table(
    "recording_usage",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("counted_on", Date, primary_key=True),
    Column("n_recordings", Integer, nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("limit_reached", String(40)),
    Column("limited_at", UtcDateTime),
)

recording_view = Table(
    "recording_view",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("session_id", String(200), primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("viewed_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "session_id"], ["recording.project_id", "recording.session_id"], ondelete="CASCADE"
    ),
)
