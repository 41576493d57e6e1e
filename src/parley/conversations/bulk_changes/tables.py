"""The table of bulk changes that can be undone."""

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

bulk_change = Table(
    "bulk_change",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("user_id", Integer, ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False),
    Column("words", Text, nullable=False),  # what was done, such as "resolved"
    Column("chosen", Json, nullable=False),  # the ids that it was asked for
    Column("n_skipped", Integer, nullable=False),  # of these, what the user couldn't change
    Column("changed", Json, nullable=False),  # each ticket that became different, as it was and as it became
    Column("created_at", UtcDateTime, nullable=False),
    Column("undone_at", UtcDateTime),
    Column(
        "kept_numbers", Json, nullable=False
    ),  # the tickets that undoing left as somebody has made them since
    Index(None, "created_at"),
)
