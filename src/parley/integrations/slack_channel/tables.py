"""Tables of the Slack channel."""

from typing import Any

from sqlalchemy import (
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    TextClause,
    UniqueConstraint,
    text,
)

from parley.kernel.database.columns import Json, UtcDateTime, Uuid, metadata

RECEIVED = text("state = 'received'")
EARLY = text("state = 'early'")
WAITING = text("state = 'waiting'")


def only(wanted: TextClause) -> dict[str, Any]:
    """Return the arguments of an index that has only some rows."""
    return {"sqlite_where": wanted, "postgresql_where": wanted}


slack_event = Table(
    "slack_event",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("event_id", String(80), nullable=False),  # Slack's, the same at each of its attempts
    Column("channel_id", String(40), nullable=False),
    # Of the thread, or of the message that begins one; of an early change its own message.
    Column("root_ts", String(40), nullable=False),
    Column("event", Json, nullable=False),  # emptied once it is worked on
    # received, early (about a message that may still come), done, ignored, failed
    Column("state", String(10), nullable=False),
    Column("detail", String(300)),
    Column("received_at", UtcDateTime, nullable=False),
    UniqueConstraint("project_id", "event_id"),
    Index("ix_slack_event_open", "project_id", "channel_id", "root_ts", "id", **only(RECEIVED)),
    Index("ix_slack_event_early", "project_id", "channel_id", "root_ts", "id", **only(EARLY)),
    Index("ix_slack_event_received_at", "received_at"),
)

slack_message = Table(
    "slack_message",
    metadata,
    Column("project_id", Integer, primary_key=True),
    Column("channel_id", String(40), primary_key=True),
    Column("ts", String(40), primary_key=True),
    Column("comment_id", Uuid, nullable=False),
    Column("edited_ts", String(40)),  # of the latest change of its text
    ForeignKeyConstraint(
        ["project_id", "comment_id"], ["comment.project_id", "comment.id"], ondelete="CASCADE"
    ),
    Index("ix_slack_message_comment", "project_id", "comment_id"),
)

slack_post = Table(
    "slack_post",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("kind", String(20), nullable=False),  # answer, confirmation, new_conversation, assignment
    Column("ticket_id", Uuid, nullable=False),  # whose thread it is, or whom it tells of
    Column("comment_id", Uuid),  # of an answer
    Column("channel_id", String(40), nullable=False),
    Column("thread_ts", String(40)),
    Column("about", Json, nullable=False),
    Column("state", String(10), nullable=False),  # waiting, sent, failed, cancelled
    Column("started_at", UtcDateTime),  # when it was first handed to Slack
    Column("ts", String(40)),  # Slack's name of the message
    Column("version", Integer),  # of the text that is there
    Column("files_sent", Integer, nullable=False),
    Column("error", String(400)),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["project_id", "comment_id"], ["comment.project_id", "comment.id"], ondelete="CASCADE"
    ),
    Index("ix_slack_post_comment", "project_id", "comment_id", "ticket_id"),
    Index("ix_slack_post_ticket", "project_id", "ticket_id"),
    Index("ix_slack_post_waiting", "project_id", "channel_id", "thread_ts", "id", **only(WAITING)),
)
