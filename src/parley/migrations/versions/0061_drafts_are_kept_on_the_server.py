"""Drafts are kept on the server"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0061"
down_revision = "0060"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "message_draft",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("ticket_id", sa.Uuid, nullable=False),
        sa.Column("is_private", sa.Boolean, nullable=False),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("rich_content", Json),
        sa.Column("updated_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "user_id", "ticket_id", name="pk_message_draft"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_message_draft_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_message_draft_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"],
            ["ticket.project_id", "ticket.id"],
            name="fk_message_draft_project_id_ticket_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_message_draft_project_id_ticket_id", "message_draft", ["project_id", "ticket_id"])
