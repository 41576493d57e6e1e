"""test addresses: domains that can't exist, so that nothing is mailed from them"""

import sqlalchemy as sa
from alembic import op

revision = "0075"
down_revision = "0074"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("email_domain", sa.Column("is_test", sa.Boolean, nullable=False, server_default=sa.false()))
