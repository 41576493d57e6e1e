"""Who was a member of an organization and isn't any more"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None

# Whom an identity provider has brought as a member, and who was removed since.
FORMER = """
INSERT INTO former_membership (organization_id, user_id, ended_at)
SELECT organization_domain.organization_id, scim_user.user_id, max(scim_user.provisioned_at)
FROM scim_user JOIN organization_domain ON organization_domain.id = scim_user.domain_id
WHERE scim_user.is_active AND NOT EXISTS (
    SELECT 1 FROM membership WHERE membership.user_id = scim_user.user_id
    AND membership.organization_id = organization_domain.organization_id)
GROUP BY organization_domain.organization_id, scim_user.user_id
"""


def upgrade() -> None:
    op.create_table(
        "former_membership",
        sa.Column(
            "organization_id", sa.Uuid, sa.ForeignKey("organization.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column(
            "user_id", sa.Integer, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("ended_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("organization_id", "user_id"),
    )
    op.create_index("ix_former_membership_user_id", "former_membership", ["user_id"])
    op.execute(FORMER)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
