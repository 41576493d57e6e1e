"""The counters of tickets."""

from sqlalchemy import Column, ForeignKey, Integer, Table

from parley.kernel.database.columns import metadata

ticket_ledger = Table(
    "ticket_ledger",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    # The row is the lock under which numbers are given out, and the exact count of every list.
    Column("last_number", Integer, nullable=False, default=0),
    Column("n_new", Integer, nullable=False, default=0),
    Column("n_open", Integer, nullable=False, default=0),
    Column("n_pending", Integer, nullable=False, default=0),
    Column("n_on_hold", Integer, nullable=False, default=0),
    Column("n_resolved", Integer, nullable=False, default=0),
)
