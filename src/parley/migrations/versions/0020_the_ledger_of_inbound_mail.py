"""the ledger of inbound mail"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "inbound_message",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("channel_id", sa.Uuid(), nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False),
        sa.Column("is_backfill", sa.Boolean(), nullable=False),
        sa.Column("envelope_from", sa.String(length=320), nullable=True),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("received_at", UtcDateTime(), nullable=False),
        sa.Column("deliveries", sa.Integer(), nullable=False),
        sa.Column("delivery_digest", sa.String(length=64), nullable=False),
        sa.Column("raw_key", sa.String(length=100), nullable=True),
        sa.Column("raw_sha256", sa.String(length=64), nullable=False),
        sa.Column("size_bytes", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Text(), nullable=True),
        sa.Column("message_id_digest", sa.String(length=64), nullable=True),
        sa.Column("subject", sa.String(length=500), nullable=False),
        sa.Column("from_address", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("ticket_number", sa.Integer(), nullable=True),
        sa.Column("comment_id", sa.Uuid(), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("processed_at", UtcDateTime(), nullable=True),
        sa.Column("authentication", Json, nullable=True),
        sa.Column("is_authenticated", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_inbound_message_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_inbound_message")),
        sa.UniqueConstraint(
            "project_id",
            "channel_id",
            "delivery_digest",
            name=op.f("uq_inbound_message_project_id_channel_id_delivery_digest"),
        ),
    )
    with op.batch_alter_table("inbound_message", schema=None) as batch_op:
        batch_op.create_index("ix_inbound_message_from", ["project_id", "from_address", "id"], unique=False)
        batch_op.create_index(
            "ix_inbound_message_message_id",
            ["project_id", "message_id_digest"],
            unique=False,
            sqlite_where=sa.text("message_id_digest IS NOT NULL"),
            postgresql_where=sa.text("message_id_digest IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_inbound_message_raw",
            ["project_id", "processed_at"],
            unique=False,
            sqlite_where=sa.text("raw_key IS NOT NULL"),
            postgresql_where=sa.text("raw_key IS NOT NULL"),
        )
        batch_op.create_index("ix_inbound_message_state", ["project_id", "state", "id"], unique=False)
        batch_op.create_index(
            "ix_inbound_message_ticket",
            ["project_id", "ticket_id"],
            unique=False,
            sqlite_where=sa.text("ticket_id IS NOT NULL"),
            postgresql_where=sa.text("ticket_id IS NOT NULL"),
        )


def downgrade() -> None:

    with op.batch_alter_table("inbound_message", schema=None) as batch_op:
        batch_op.drop_index(
            "ix_inbound_message_ticket",
            sqlite_where=sa.text("ticket_id IS NOT NULL"),
            postgresql_where=sa.text("ticket_id IS NOT NULL"),
        )
        batch_op.drop_index("ix_inbound_message_state")
        batch_op.drop_index(
            "ix_inbound_message_raw",
            sqlite_where=sa.text("raw_key IS NOT NULL"),
            postgresql_where=sa.text("raw_key IS NOT NULL"),
        )
        batch_op.drop_index(
            "ix_inbound_message_message_id",
            sqlite_where=sa.text("message_id_digest IS NOT NULL"),
            postgresql_where=sa.text("message_id_digest IS NOT NULL"),
        )
        batch_op.drop_index("ix_inbound_message_from")

    op.drop_table("inbound_message")
