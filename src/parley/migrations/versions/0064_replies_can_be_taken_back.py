"""Replies can be taken back"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0064"
down_revision = "0063"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_account", sa.Column("undo_send_s", sa.Integer))
    op.create_table(
        "held_reply",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("ticket_id", sa.Uuid, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("rich_content", Json),
        sa.Column("file_ids", Json, nullable=False),
        sa.Column("status", sa.String(20)),
        sa.Column("send_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_held_reply"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_held_reply_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_held_reply_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"],
            ["ticket.project_id", "ticket.id"],
            name="fk_held_reply_project_id_ticket_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_held_reply_project_id_ticket_id_user_id", "held_reply", ["project_id", "ticket_id", "user_id"]
    )
