"""Mailboxes from which the mail of e-mail channels is fetched"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "imap_mailbox",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("channel_id", sa.Uuid, nullable=False),
        sa.Column("host", sa.String(253), nullable=False),
        sa.Column("port", sa.Integer, nullable=False),
        sa.Column("security", sa.String(10), nullable=False),
        sa.Column("username", sa.String(320), nullable=False),
        sa.Column("password", sa.Text, nullable=False),
        sa.Column("folder", sa.String(500), nullable=False),
        sa.Column("is_importing", sa.Boolean, nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("uid_validity", sa.BigInteger),
        sa.Column("last_uid", sa.BigInteger),
        sa.Column("backfill_uid", sa.BigInteger),
        sa.Column("first_connected_at", UtcDateTime),
        sa.Column("connected_at", UtcDateTime),
        sa.Column("fetched_at", UtcDateTime),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("failure_count", sa.Integer, nullable=False),
        sa.Column("last_error", sa.String(500)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "channel_id", name="pk_imap_mailbox"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_imap_mailbox_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "channel_id"],
            ["email_channel.project_id", "email_channel.id"],
            name="fk_imap_mailbox_project_id_channel_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_imap_mailbox_seen_at", "imap_mailbox", ["seen_at"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
