"""Tables of events."""

from sqlalchemy import Column, ForeignKey, Index, Integer, String, Table, text

from parley.kernel.database.columns import (
    Json,
    UtcDateTime,
    Uuid,
    metadata,
)

# What the indexes of events about tickets hold: a little more than `rules.events.RESERVED` names.
OF_TICKET = text("event LIKE '$conversation%'")

event = Table(
    "event",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    # The client's uuid where it sends one: the same event sent twice is stored once.
    Column("id", Uuid, primary_key=True),
    Column("event", String(200), nullable=False),
    Column("distinct_id", String(400), nullable=False),
    Column("properties", Json, nullable=False),
    Column("timestamp", UtcDateTime, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Index("ix_event_project_id_timestamp_id", "project_id", "timestamp", "id"),
    # With the id, as lists are sorted by it, too: else SQLite would rather read the project in the order of time. With whose
    # they are, so that trends and funnels read this index alone (docs/decisions/0034).
    Index("ix_event_named", "project_id", "event", "timestamp", "id", "distinct_id"),
    Index("ix_event_project_id_distinct_id_timestamp_id", "project_id", "distinct_id", "timestamp", "id"),
    # What happened to a ticket, whoever did it: found when the customer's data is erased.
    Index(
        "ix_event_ticket",
        "project_id",
        text("substr(properties ->> 'ticket_id', 1, 36)"),
        sqlite_where=OF_TICKET,
        postgresql_where=OF_TICKET,
    ),
)
