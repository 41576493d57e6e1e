"""Tables of files."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    text,
)

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

PENDING = text("comment_id IS NULL")

file = Table(
    "file",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    # With the project it is the key of the object, of the kind `file`, and of its thumbnail.
    Column("id", Uuid, primary_key=True),
    # The message that it is attached to. No cascade: whoever removes a comment says first what becomes of its objects.
    Column("comment_id", Uuid),
    Column("name", String(200), nullable=False),
    Column("content_type", String(200), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    # Of an image in the text of a mail: how the text calls it (RFC 2392), without brackets.
    Column("content_id", String(250)),
    Column("is_inline", Boolean, nullable=False),
    # It is an image that was read whole, so that it may be shown in a page.
    Column("has_thumbnail", Boolean, nullable=False),
    Column("uploaded_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("stored_at", UtcDateTime),  # when all of its content was there
    ForeignKeyConstraint(["project_id", "comment_id"], ["comment.project_id", "comment.id"]),
    Index("ix_file_comment", "project_id", "comment_id", "id"),
    Index("ix_file_pending", "created_at", "project_id", sqlite_where=PENDING, postgresql_where=PENDING),
)

# How much of its quota a project has used. A row of its own, so that uploads at the same time can't pass it together.
file_usage = Table(
    "file_usage",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("size_bytes", BigInteger, nullable=False),
)

# Uploads that wait in a draft: they stay until it goes. Each waits in one draft, its uploader's.
drafted_file = Table(
    "drafted_file",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("file_id", Uuid, primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False),
    Column("ticket_id", Uuid, nullable=False),
    ForeignKeyConstraint(["project_id", "file_id"], ["file.project_id", "file.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index(None, "project_id", "ticket_id", "user_id"),
)
