"""The session that a browser had before it went to an identity provider"""

import sqlalchemy as sa
from alembic import op

revision = "0052"
down_revision = "0051"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("saml_request", sa.Column("session_hash", sa.String(80)))


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
