"""Identities at providers with which people sign in"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "external_identity",
        sa.Column("provider", sa.String(20)),
        sa.Column("subject", sa.String(700)),
        sa.Column(
            "user_id", sa.Integer, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("domain_id", sa.Uuid, sa.ForeignKey("organization_domain.id", ondelete="CASCADE")),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("last_used_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("provider", "subject"),
    )
    op.create_index("ix_external_identity_user_id", "external_identity", ["user_id"])
    op.create_index("ix_external_identity_domain_id", "external_identity", ["domain_id"])
    op.create_index("ix_invite_target_email", "invite", ["target_email"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
