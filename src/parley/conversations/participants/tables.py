"""Those who take part in a ticket besides its requester."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, Integer, String, Table

from parley.kernel.database.columns import UtcDateTime, Uuid, metadata

ticket_participant = Table(
    "ticket_participant",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("ticket_id", Uuid, nullable=False),
    # Known by one of the two, or by both.
    Column("email", String(254)),  # lower case
    Column("distinct_id", String(400)),
    Column("name", String(500)),
    # The merge that brought them here: they get mails, and in the widget see no more than what came through their ticket.
    Column("merge_id", Uuid),
    Column("added_by", Integer, ForeignKey("user_account.id", ondelete="SET NULL")),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    Index("ix_ticket_participant_ticket", "project_id", "ticket_id", "created_at", "id"),
    # They begin with the one who is looked for, or SQLite would look at all participants of the project instead.
    Index("ix_ticket_participant_email", "project_id", "email", "ticket_id", unique=True),
    Index("ix_ticket_participant_distinct_id", "project_id", "distinct_id", "ticket_id", unique=True),
)
