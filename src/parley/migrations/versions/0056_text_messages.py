"""Text messages: numbers as channels, customers by their numbers, and what goes in and out"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime, Uuid

revision = "0056"
down_revision = "0055"
branch_labels = None
depends_on = None

WAITING = sa.text("state = 'waiting' OR state = 'sending'")
HELD = sa.text("state = 'held'")
OPTED_OUT = sa.text("opted_out_at IS NOT NULL")


def upgrade() -> None:
    _add_channels()
    _add_contacts()
    _add_inbound()
    _add_messages()
    op.create_table(
        "sms_queue",
        sa.Column("project_id", sa.Integer, primary_key=True),
        sa.Column("contact_id", Uuid, primary_key=True),
        sa.Column("called_at", UtcDateTime),
        sa.Column("busy_by", Uuid),
        sa.Column("busy_until", UtcDateTime),
        _of_contact(),
    )
    op.create_table(
        "sms_brake",
        _project(),
        sa.Column("resumed_at", UtcDateTime, nullable=False),
    )


def _project() -> sa.Column[int]:
    return sa.Column(
        "project_id", sa.Integer, sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )


def _of_contact() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["project_id", "contact_id"], ["sms_contact.project_id", "sms_contact.id"], ondelete="CASCADE"
    )


def _add_channels() -> None:
    op.create_table(
        "sms_channel",
        _project(),
        sa.Column("id", Uuid, primary_key=True),
        sa.Column("integration_id", sa.Integer, nullable=False),
        sa.Column("account_sid", sa.String(34), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("number_sid", sa.String(34), nullable=False),
        sa.Column("name", sa.String(100), nullable=False),
        sa.Column("is_routed", sa.Boolean, nullable=False),
        sa.Column("problem", sa.String(300)),
        sa.Column("created_by", sa.Integer, sa.ForeignKey("user_account.id", ondelete="SET NULL")),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "integration_id"], ["integration.project_id", "integration.id"], ondelete="CASCADE"
        ),
        sa.UniqueConstraint("project_id", "number"),
    )
    op.create_index("ix_sms_channel_outside", "sms_channel", ["account_sid", "number"])
    op.create_index(
        "ix_sms_channel_project_id_integration_id", "sms_channel", ["project_id", "integration_id"]
    )
    op.create_index("ix_sms_channel_created_by", "sms_channel", ["created_by"])


def _add_contacts() -> None:
    op.create_table(
        "sms_contact",
        _project(),
        sa.Column("id", Uuid, primary_key=True),
        sa.Column("own_number", sa.String(20), nullable=False),
        sa.Column("number", sa.String(20), nullable=False),
        sa.Column("ticket_id", Uuid),
        sa.Column("opted_out_at", UtcDateTime),
        sa.Column("opted_out_by", sa.String(10)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.UniqueConstraint("project_id", "own_number", "number"),
    )
    op.create_index("ix_sms_contact_number", "sms_contact", ["project_id", "number"])
    op.create_index(
        "ix_sms_contact_opted_out",
        "sms_contact",
        ["project_id", "opted_out_at"],
        sqlite_where=OPTED_OUT,
        postgresql_where=OPTED_OUT,
    )
    op.create_table(
        "sms_thread",
        sa.Column("project_id", sa.Integer, primary_key=True),
        sa.Column("ticket_id", Uuid, primary_key=True),
        sa.Column("contact_id", Uuid, nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"
        ),
        _of_contact(),
    )
    op.create_index("ix_sms_thread_project_id_contact_id", "sms_thread", ["project_id", "contact_id"])


def _add_inbound() -> None:
    op.create_table(
        "sms_inbound",
        sa.Column("project_id", sa.Integer, primary_key=True),
        sa.Column("sid", sa.String(34), primary_key=True),
        sa.Column("contact_id", Uuid, nullable=False),
        sa.Column("channel_id", Uuid, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("media", Json, nullable=False),
        sa.Column("is_settled", sa.Boolean, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        _of_contact(),
    )
    op.create_index("ix_sms_inbound_project_id_contact_id", "sms_inbound", ["project_id", "contact_id"])
    op.create_index("ix_sms_inbound_old", "sms_inbound", ["received_at"])


def _add_messages() -> None:
    op.create_table(
        "sms_message",
        sa.Column("project_id", sa.Integer, primary_key=True),
        sa.Column("id", Uuid, primary_key=True),
        sa.Column("contact_id", Uuid, nullable=False),
        sa.Column("comment_id", Uuid, nullable=False),
        sa.Column("part", sa.Integer, nullable=False),
        sa.Column("body", sa.Text, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(30)),
        sa.Column("detail", sa.String(400)),
        sa.Column("sid", sa.String(34)),
        sa.Column("code", sa.Integer),
        sa.Column("segments", sa.Integer),
        sa.Column("next_at", UtcDateTime),
        sa.Column("begun_at", UtcDateTime),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        _of_contact(),
        sa.ForeignKeyConstraint(
            ["project_id", "comment_id"], ["comment.project_id", "comment.id"], ondelete="CASCADE"
        ),
        sa.UniqueConstraint("project_id", "comment_id", "part"),
    )
    op.create_index(
        "ix_sms_message_contact", "sms_message", ["project_id", "contact_id", "created_at", "part"]
    )
    op.create_index("ix_sms_message_recent", "sms_message", ["project_id", "created_at"])
    op.create_index("ix_sms_message_sid", "sms_message", ["project_id", "sid"])
    for name, columns, where in (
        ("ix_sms_message_due", ["next_at"], WAITING),
        ("ix_sms_message_held", ["project_id", "id"], HELD),
    ):
        op.create_index(name, "sms_message", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
