"""The two tables of background work."""

from sqlalchemy import Column, Index, Integer, PrimaryKeyConstraint, String, Table, Text

from parley.kernel.database.columns import (
    ENCRYPTED,
    Json,
    UtcDateTime,
    Uuid,
    metadata,
)

# One row for everything that a transaction still has to cause. It leaves the table only when its effect is
# there; one that fails for good is marked dead and stays.
outbox = Table(
    "outbox",
    metadata,
    # 0 for what belongs to no project, such as the mail for a password reset.
    Column("project_id", Integer, nullable=False),
    # Version 7, so rows that are due at the same time are handled in the order they were written in.
    Column("id", Uuid, nullable=False),
    # Empty until an event with several handlers had a failure; then each handler has a row of its own.
    Column("handler", String(200), nullable=False, server_default=""),
    # `event`, or the queue that the work is in.
    Column("kind", String(10), nullable=False),
    Column("name", String(100), nullable=False),
    Column("payload", Json, nullable=False, info=ENCRYPTED),
    Column("available_at", UtcDateTime, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
    # The process that works on it; `available_at` is then the end of its lease.
    Column("holder", String(36)),
    Column("dead_at", UtcDateTime),
    PrimaryKeyConstraint("project_id", "id", "handler"),
)

ALIVE = outbox.c.dead_at.is_(None)

Index(
    "ix_outbox_due",
    outbox.c.kind,
    outbox.c.available_at,
    outbox.c.id,
    sqlite_where=ALIVE,
    postgresql_where=ALIVE,
)

HELD = outbox.c.holder.is_not(None)
Index("ix_outbox_held", outbox.c.holder, sqlite_where=HELD, postgresql_where=HELD)

# One row for each job that runs by the clock; the jobs belong to no project.
job_schedule = Table(
    "job_schedule",
    metadata,
    Column("name", String(100), primary_key=True),
    Column("due_at", UtcDateTime, nullable=False),
    Column("failures", Integer, nullable=False, server_default="0"),
    Column("last_error", Text),
)
