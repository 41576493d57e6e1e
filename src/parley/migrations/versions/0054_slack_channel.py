"""Slack: what it sends, which message is which, and what goes there"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime, Uuid

revision = "0054"
down_revision = "0053"
branch_labels = None
depends_on = None

RECEIVED, WAITING = sa.text("state = 'received'"), sa.text("state = 'waiting'")


def upgrade() -> None:
    _make_events()
    _make_messages()
    _make_posts()


def _project() -> sa.Column[int]:
    return sa.Column(
        "project_id", sa.Integer, sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )


def _make_events() -> None:
    op.create_table(
        "slack_event",
        _project(),
        sa.Column("id", Uuid, primary_key=True),
        sa.Column("event_id", sa.String(80), nullable=False),
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.Column("root_ts", sa.String(40), nullable=False),
        sa.Column("event", Json, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("detail", sa.String(300)),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("project_id", "event_id"),
    )
    names = ["project_id", "channel_id", "root_ts", "id"]
    op.create_index(
        "ix_slack_event_open", "slack_event", names, sqlite_where=RECEIVED, postgresql_where=RECEIVED
    )
    op.create_index("ix_slack_event_received_at", "slack_event", ["received_at"])


def _make_messages() -> None:
    op.create_table(
        "slack_message",
        sa.Column("project_id", sa.Integer, primary_key=True),
        sa.Column("channel_id", sa.String(40), primary_key=True),
        sa.Column("ts", sa.String(40), primary_key=True),
        sa.Column("comment_id", Uuid, nullable=False),
        _of_comment(),
    )
    op.create_index("ix_slack_message_comment", "slack_message", ["project_id", "comment_id"])


def _of_comment() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id", "comment_id"], ["comment.project_id", "comment.id"], ondelete="CASCADE"
    )


def _make_posts() -> None:
    op.create_table(
        "slack_post",
        _project(),
        sa.Column("id", Uuid, primary_key=True),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("ticket_id", Uuid, nullable=False),
        sa.Column("comment_id", Uuid),
        sa.Column("channel_id", sa.String(40), nullable=False),
        sa.Column("thread_ts", sa.String(40)),
        sa.Column("about", Json, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("started_at", UtcDateTime),
        sa.Column("ts", sa.String(40)),
        sa.Column("version", sa.Integer),
        sa.Column("files_sent", sa.Integer, nullable=False),
        sa.Column("error", sa.String(400)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"
        ),
        _of_comment(),
    )
    op.create_index("ix_slack_post_comment", "slack_post", ["project_id", "comment_id", "ticket_id"])
    op.create_index("ix_slack_post_ticket", "slack_post", ["project_id", "ticket_id"])
    names = ["project_id", "channel_id", "thread_ts", "id"]
    op.create_index(
        "ix_slack_post_waiting", "slack_post", names, sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
