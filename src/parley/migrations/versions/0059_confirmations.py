"""Providers must say that they have asked again who somebody is"""

import sqlalchemy as sa
from alembic import op

revision = "0059"
down_revision = "0058"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("oauth_request", "saml_request"):
        asked = sa.Column("is_confirmation", sa.Boolean, nullable=False, server_default=sa.false())
        op.add_column(table, asked)
