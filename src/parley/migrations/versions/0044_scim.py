"""People and groups of identity providers"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "scim_request",
        sa.Column("domain_id", sa.Uuid(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("request_method", sa.String(length=8), nullable=False),
        sa.Column("request_path", sa.Text(), nullable=False),
        sa.Column("request_headers", Json, nullable=False),
        sa.Column("request_body", sa.Text(), nullable=True),
        sa.Column("response_status", sa.SmallInteger(), nullable=False),
        sa.Column("response_body", sa.Text(), nullable=True),
        sa.Column("identity_provider", sa.String(length=16), nullable=False),
        sa.Column("duration_ms", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"],
            ["organization_domain.id"],
            name=op.f("fk_scim_request_domain_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("domain_id", "id", name=op.f("pk_scim_request")),
    )
    with op.batch_alter_table("scim_request", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scim_request_created_at"), ["created_at"], unique=False)

    op.create_table(
        "scim_user",
        sa.Column("domain_id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("user_name", sa.String(length=254), nullable=True),
        sa.Column("folded_user_name", sa.Text(), nullable=True),
        sa.Column("external_id", sa.String(length=256), nullable=True),
        sa.Column("email_type", sa.String(length=32), nullable=True),
        sa.Column("email_is_primary", sa.Boolean(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=True),
        sa.Column("provisioned_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["domain_id"], ["organization_domain.id"], name=op.f("fk_scim_user_domain_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user_account.id"], name=op.f("fk_scim_user_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("domain_id", "user_id", name=op.f("pk_scim_user")),
        sa.UniqueConstraint(
            "domain_id", "folded_user_name", name=op.f("uq_scim_user_domain_id_folded_user_name")
        ),
    )
    with op.batch_alter_table("scim_user", schema=None) as batch_op:
        batch_op.create_index(
            "ix_scim_user_domain_id_external_id", ["domain_id", "external_id"], unique=False
        )
        batch_op.create_index(
            "ix_scim_user_inactive",
            ["domain_id", "user_id"],
            unique=False,
            sqlite_where=sa.text("is_active IS NOT 1"),
            postgresql_where=sa.text("is_active IS NOT true"),
        )
        batch_op.create_index(batch_op.f("ix_scim_user_user_id"), ["user_id"], unique=False)

    op.create_table(
        "scim_group",
        sa.Column("domain_id", sa.Uuid(), nullable=False),
        sa.Column("role_id", sa.Uuid(), nullable=False),
        sa.Column("external_id", sa.String(length=256), nullable=True),
        sa.ForeignKeyConstraint(
            ["domain_id"],
            ["organization_domain.id"],
            name=op.f("fk_scim_group_domain_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_scim_group_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("domain_id", "role_id", name=op.f("pk_scim_group")),
    )
    with op.batch_alter_table("scim_group", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_scim_group_role_id"), ["role_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("scim_group", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scim_group_role_id"))

    op.drop_table("scim_group")
    with op.batch_alter_table("scim_user", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scim_user_user_id"))
        batch_op.drop_index(
            "ix_scim_user_inactive",
            sqlite_where=sa.text("is_active IS NOT 1"),
            postgresql_where=sa.text("is_active IS NOT true"),
        )
        batch_op.drop_index("ix_scim_user_domain_id_external_id")

    op.drop_table("scim_user")
    with op.batch_alter_table("scim_request", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_scim_request_created_at"))

    op.drop_table("scim_request")
