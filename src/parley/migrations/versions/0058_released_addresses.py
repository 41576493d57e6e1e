"""Accounts may lose their address to whoever it belongs to"""

import sqlalchemy as sa
from alembic import op

revision = "0058"
down_revision = "0057"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("user_account", sa.Column("former_email", sa.String(254)))
    op.create_index("ix_user_account_former_email", "user_account", ["former_email"])
