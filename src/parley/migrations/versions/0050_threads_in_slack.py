"""The thread in Slack that a ticket is about"""

import sqlalchemy as sa
from alembic import op

revision = "0050"
down_revision = "0049"
branch_labels = None
depends_on = None

IN_SLACK = sa.text("slack_thread_ts IS NOT NULL")


def upgrade() -> None:
    for name in ("slack_channel_id", "slack_thread_ts", "slack_team_id"):
        op.add_column("ticket", sa.Column(name, sa.String(40)))
    op.create_index(
        "ix_ticket_slack",
        "ticket",
        ["project_id", "slack_channel_id", "slack_thread_ts"],
        unique=True,
        sqlite_where=IN_SLACK,
        postgresql_where=IN_SLACK,
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
