"""Erased people who had said STOP are on a suppression list, and STOP at one number holds for all"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime, Uuid

revision = "0069"
down_revision = "0068"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("sms_contact", sa.Column("stops_all", sa.Boolean, nullable=False, server_default=sa.true()))
    op.create_table(
        "sms_suppression",
        _project(),
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("stopped_at", UtcDateTime, nullable=False),
    )
    op.create_table(
        "sms_suppression_key",
        _project(),
        sa.Column("id", Uuid, primary_key=True),
        sa.Column("sealed_key", sa.Text, nullable=False),
    )


def _project() -> sa.Column[int]:
    return sa.Column(
        "project_id", sa.Integer, sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
    )
