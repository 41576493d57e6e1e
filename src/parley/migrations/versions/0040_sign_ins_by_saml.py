"""Sign-ins by SAML that are under way, and assertions that were taken"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime, Uuid

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saml_request",
        sa.Column("id", sa.String(64), nullable=False),
        sa.Column("domain_id", Uuid, nullable=False),
        sa.Column("browser_hash", sa.String(80), nullable=False),
        sa.Column("come_back_to", sa.String(2000), nullable=False),
        sa.Column("tested_by", sa.Integer),
        sa.Column("finding", Json),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"],
            ["organization_domain.id"],
            name=op.f("fk_saml_request_domain_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tested_by"],
            ["user_account.id"],
            name=op.f("fk_saml_request_tested_by"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saml_request")),
    )
    op.create_index("ix_saml_request_expires", "saml_request", ["expires_at"])
    op.create_index("ix_saml_request_domain", "saml_request", ["domain_id"])
    op.create_index("ix_saml_request_tested_by", "saml_request", ["tested_by"])
    op.create_table(
        "saml_assertion",
        sa.Column("domain_id", Uuid, nullable=False),
        sa.Column("id_digest", sa.String(80), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"],
            ["organization_domain.id"],
            name=op.f("fk_saml_assertion_domain_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("domain_id", "id_digest", name=op.f("pk_saml_assertion")),
    )
    op.create_index("ix_saml_assertion_expires", "saml_assertion", ["expires_at"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
