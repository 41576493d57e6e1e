"""The counters of tickets."""

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table

from parley.kernel.database.columns import Uuid, metadata

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

# The messages that the team hasn't read, on all tickets that are neither resolved nor deleted: the sum of a project's
# rows. Triggers on `ticket` write them (migration 0076): on PostgreSQL each change adds a row, so that nobody waits for
# anybody, and a job adds them up; on SQLite, which has one writer, all is in one row.
unread_tally = Table(
    "unread_tally",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("n_unread", BigInteger, nullable=False),
)
