"""Domains of organizations"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime, Uuid

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organization_domain",
        sa.Column("id", Uuid, nullable=False),
        sa.Column("organization_id", Uuid, nullable=False),
        sa.Column("domain", sa.String(128), nullable=False),
        sa.Column("verification_challenge", sa.String(64), nullable=False),
        sa.Column("verified_at", UtcDateTime),
        sa.Column("last_verification_retry", UtcDateTime),
        sa.Column("verification_error", sa.Text),
        sa.Column("failing_since", UtcDateTime),
        sa.Column("jit_provisioning_enabled", sa.Boolean, nullable=False),
        sa.Column("sso_enforcement", sa.String(28), nullable=False),
        sa.Column("saml_entity_id", sa.String(512)),
        sa.Column("saml_acs_url", sa.String(512)),
        sa.Column("saml_x509_cert", sa.Text),
        sa.Column("saml_allows_idp_initiated", sa.Boolean, nullable=False),
        sa.Column("scim_enabled", sa.Boolean, nullable=False),
        sa.Column("scim_token_hash", sa.String(80)),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["organization_id"],
            ["organization.id"],
            name=op.f("fk_organization_domain_organization_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organization_domain")),
        sa.UniqueConstraint(
            "organization_id", "domain", name=op.f("uq_organization_domain_organization_id_domain")
        ),
    )
    proven = sa.text("verified_at IS NOT NULL")
    op.create_index(
        "ix_organization_domain_proven",
        "organization_domain",
        ["domain"],
        unique=True,
        sqlite_where=proven,
        postgresql_where=proven,
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
