"""Session recordings"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("project", sa.Column("recording_settings", Json))
    _add_recordings()
    _add_blocks()
    _add_usage_and_views()


def _add_recordings() -> None:
    op.create_table(
        "recording",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("session_id", sa.String(200), nullable=False),
        sa.Column("distinct_id", sa.String(400), nullable=False),
        sa.Column("start_at", UtcDateTime, nullable=False),
        sa.Column("end_at", UtcDateTime, nullable=False),
        sa.Column("active_ms", sa.BigInteger, nullable=False),
        sa.Column("click_count", sa.Integer, nullable=False),
        sa.Column("keypress_count", sa.Integer, nullable=False),
        sa.Column("mouse_activity_count", sa.Integer, nullable=False),
        sa.Column("console_log_count", sa.Integer, nullable=False),
        sa.Column("console_warn_count", sa.Integer, nullable=False),
        sa.Column("console_error_count", sa.Integer, nullable=False),
        sa.Column("start_url", sa.String(512)),
        sa.Column("snapshot_source", sa.String(20), nullable=False),
        sa.Column("n_blocks", sa.Integer, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("first_seen_at", UtcDateTime, nullable=False),
        sa.Column("last_seen_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("is_pinned", sa.Boolean, nullable=False),
        sa.Column("deleted_at", UtcDateTime),
        sa.PrimaryKeyConstraint("project_id", "session_id", name="pk_recording"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_recording_project_id", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_recording_start", "recording", ["project_id", "start_at", "session_id"])
    op.create_index("ix_recording_person", "recording", ["project_id", "distinct_id", "start_at"])
    op.create_index("ix_recording_expires_at", "recording", ["expires_at"])


def _add_blocks() -> None:
    op.create_table(
        "recording_block",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("session_id", sa.String(200), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("digest", sa.LargeBinary(32), nullable=False),
        sa.Column("window_id", sa.String(70), nullable=False),
        sa.Column("start_at", UtcDateTime, nullable=False),
        sa.Column("end_at", UtcDateTime, nullable=False),
        sa.Column("object_id", sa.Uuid, nullable=False),
        sa.Column("size_bytes", sa.Integer, nullable=False),
        sa.Column("n_events", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "session_id", "number", name="pk_recording_block"),
        sa.ForeignKeyConstraint(
            ["project_id", "session_id"],
            ["recording.project_id", "recording.session_id"],
            name="fk_recording_block_project_id_session_id",
            ondelete="CASCADE",
        ),
        sa.UniqueConstraint(
            "project_id", "session_id", "digest", name="uq_recording_block_project_id_session_id_digest"
        ),
    )
    op.create_index("ix_recording_block_object", "recording_block", ["project_id", "object_id"])


def _add_usage_and_views() -> None:
    op.create_table(
        "recording_usage",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("counted_on", sa.Date, nullable=False),
        sa.Column("n_recordings", sa.Integer, nullable=False),
        sa.Column("size_bytes", sa.BigInteger, nullable=False),
        sa.Column("limit_reached", sa.String(40)),
        sa.Column("limited_at", UtcDateTime),
        sa.PrimaryKeyConstraint("project_id", "counted_on", name="pk_recording_usage"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_recording_usage_project_id", ondelete="CASCADE"
        ),
    )
    op.create_table(
        "recording_view",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("session_id", sa.String(200), nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("viewed_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "session_id", "user_id", name="pk_recording_view"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_recording_view_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "session_id"],
            ["recording.project_id", "recording.session_id"],
            name="fk_recording_view_project_id_session_id",
            ondelete="CASCADE",
        ),
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
