"""By which providers somebody of a domain has signed in"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    proven = sa.Column("proven_providers", Json, nullable=False, server_default=sa.text("'[]'"))
    op.add_column("organization_domain", proven)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
