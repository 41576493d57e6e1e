"""Changes in Slack that come before their message are found by it"""

import sqlalchemy as sa
from alembic import op

revision = "0060"
down_revision = "0059"
branch_labels = None
depends_on = None

EARLY = sa.text("state = 'early'")


def upgrade() -> None:
    names = ["project_id", "channel_id", "root_ts", "id"]
    op.create_index("ix_slack_event_early", "slack_event", names, sqlite_where=EARLY, postgresql_where=EARLY)
