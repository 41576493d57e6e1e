"""Shares: links with passwords, and who opened them"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _add_configurations()
    _add_passwords()
    _add_accesses()


def _add_configurations() -> None:
    op.create_table(
        "sharing_configuration",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("target_type", sa.String(20), nullable=False),
        sa.Column("target_id", sa.String(200), nullable=False),
        sa.Column("access_token", sa.Text, nullable=False),
        sa.Column("token_hash", sa.String(71), nullable=False),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("settings", Json),
        sa.Column("password_required", sa.Boolean, nullable=False),
        sa.Column("hash_form", sa.String(100), nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("disabled_at", UtcDateTime),
        sa.Column("expires_at", UtcDateTime),
        sa.Column("link_expires_at", UtcDateTime),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_sharing_configuration"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_sharing_configuration_project_id", ondelete="CASCADE"
        ),
    )
    target = ["project_id", "target_type", "target_id"]
    is_current = sa.text("expires_at IS NULL")
    op.create_index(
        "uq_sharing_configuration_target",
        "sharing_configuration",
        target,
        unique=True,
        sqlite_where=is_current,
        postgresql_where=is_current,
    )
    op.create_index("ix_sharing_configuration_target", "sharing_configuration", target)
    op.create_index("ix_sharing_configuration_token", "sharing_configuration", ["token_hash"])
    op.create_index("ix_sharing_configuration_expires", "sharing_configuration", ["expires_at"])


def _add_passwords() -> None:
    op.create_table(
        "share_password",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Integer, nullable=False, autoincrement=False),
        sa.Column("configuration_id", sa.Uuid, nullable=False),
        sa.Column("original_id", sa.Integer, nullable=False),
        sa.Column("password_hash", sa.String(200), nullable=False),
        sa.Column("note", sa.String(100), nullable=False),
        sa.Column("is_active", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.Integer),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_share_password"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_share_password_project_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["user_account.id"], name="fk_share_password_created_by", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "configuration_id"],
            ["sharing_configuration.project_id", "sharing_configuration.id"],
            name="fk_share_password_configuration",
            ondelete="CASCADE",
        ),
    )
    op.create_index(
        "ix_share_password_configuration",
        "share_password",
        ["project_id", "configuration_id", "is_active", "password_hash"],
    )
    op.create_index("ix_share_password_created_by", "share_password", ["created_by"])


def _add_accesses() -> None:
    op.create_table(
        "share_access",
        sa.Column("project_id", sa.Integer, nullable=False),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("target_type", sa.String(20), nullable=False),
        sa.Column("target_id", sa.String(200), nullable=False),
        sa.Column("hour_at", UtcDateTime, nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("address", sa.String(50), nullable=False),
        sa.Column("password_id", sa.Integer, nullable=False),
        sa.Column("token_suffix", sa.String(6), nullable=False),
        sa.Column("password_note", sa.String(100), nullable=False),
        sa.Column("access_count", sa.Integer, nullable=False),
        sa.Column("first_at", UtcDateTime, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name="pk_share_access"),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name="fk_share_access_project_id", ondelete="CASCADE"
        ),
        sa.UniqueConstraint(
            "project_id",
            "target_type",
            "target_id",
            "hour_at",
            "kind",
            "address",
            "password_id",
            "token_suffix",
            name="uq_share_access_hour",
        ),
    )
    op.create_index(
        "ix_share_access_last", "share_access", ["project_id", "target_type", "target_id", "last_at"]
    )
    op.create_index("ix_share_access_kept", "share_access", ["last_at"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
