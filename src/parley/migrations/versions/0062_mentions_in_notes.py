"""Whom notes mention is kept, so that the inbox can list it"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0062"
down_revision = "0061"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "note_mention",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("user_id", sa.Integer, nullable=False),
        sa.Column("comment_id", sa.Uuid, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "user_id", "comment_id", name="pk_note_mention"),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name="fk_note_mention_user_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "comment_id"],
            ["comment.project_id", "comment.id"],
            name="fk_note_mention_project_id_comment_id",
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_note_mention_project_id_comment_id", "note_mention", ["project_id", "comment_id"])
