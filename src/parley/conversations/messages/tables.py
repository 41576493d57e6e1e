"""The table of whom private notes mention."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

note_mention = Table(
    "note_mention",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), primary_key=True),
    Column("comment_id", Uuid, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(
        ["project_id", "comment_id"], ["comment.project_id", "comment.id"], ondelete="CASCADE"
    ),
    Index(None, "project_id", "comment_id"),
)
