"""The table of articles."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, Text, UniqueConstraint

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

article = Table(
    "article",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("slug", String(100), nullable=False),
    Column("title", String(200), nullable=False),
    Column("content", Text, nullable=False),  # Markdown
    Column("state", String(10), nullable=False),
    Column("tags", Json, nullable=False),
    Column("words", Text, nullable=False),  # title, tags and content, folded: what search looks through
    Column("created_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    UniqueConstraint("project_id", "slug"),
    Index("ix_article_title", "project_id", "title", "id"),
    Index(None, "created_by"),
)
