"""Subscriptions go to channels of a connected Slack workspace"""

import sqlalchemy as sa
from alembic import op

revision = "0057"
down_revision = "0056"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("subscription", "subscription_delivery"):
        op.add_column(table, sa.Column("integration_id", sa.Integer))
