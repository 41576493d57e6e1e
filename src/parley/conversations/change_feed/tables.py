"""Tables of changes."""

from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, text

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

NUMBERED, UNNUMBERED = text("place IS NOT NULL"), text("place IS NULL")

change = Table(
    "change",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    # Given when somebody first reads it, under the lock of the head: what is committed later comes later.
    Column("place", BigInteger),
    Column("name", String(40), nullable=False),
    Column("ticket_id", Uuid, nullable=False),
    Column("ticket_number", Integer, nullable=False),
    Column("message_id", Uuid),
    Column("created_at", UtcDateTime, nullable=False),
    Index(
        "ix_change_place",
        "project_id",
        "place",
        unique=True,
        sqlite_where=NUMBERED,
        postgresql_where=NUMBERED,
    ),
    Index("ix_change_unnumbered", "project_id", "id", sqlite_where=UNNUMBERED, postgresql_where=UNNUMBERED),
    Index("ix_change_created_at", "created_at"),
)

change_head = Table(
    "change_head",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("last_place", BigInteger, nullable=False, default=0),
    # The change that got it, for when that is forgotten.
    Column("last_change_id", Uuid),
)
