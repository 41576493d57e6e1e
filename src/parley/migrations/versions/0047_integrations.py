"""Accounts at other services that projects are connected to"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None

IS_DUE = sa.text("next_refresh_at IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "integration",
        sa.Column(
            "project_id", sa.Integer, sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("integration_id", sa.String(255), nullable=False),
        sa.Column("config", Json, nullable=False),
        sa.Column("sensitive_config", Json, nullable=False),
        sa.Column("errors", sa.String(40), nullable=False),
        sa.Column("created_by", sa.Integer, sa.ForeignKey("user_account.id", ondelete="SET NULL")),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("refreshed_at", UtcDateTime, nullable=False),
        sa.Column("next_refresh_at", UtcDateTime),
        sa.Column("refreshing_until", UtcDateTime),
        sa.UniqueConstraint("project_id", "kind", "integration_id"),
    )
    op.create_index("ix_integration_created_by", "integration", ["created_by"])
    op.create_index("ix_integration_outside", "integration", ["kind", "integration_id"])
    op.create_index(
        "ix_integration_due",
        "integration",
        ["next_refresh_at"],
        sqlite_where=IS_DUE,
        postgresql_where=IS_DUE,
    )
    _add_requests()


def _add_requests() -> None:
    op.create_table(
        "integration_request",
        sa.Column(
            "project_id", sa.Integer, sa.ForeignKey("project.id", ondelete="CASCADE"), primary_key=True
        ),
        sa.Column("state_hash", sa.String(80), primary_key=True),
        sa.Column(
            "user_id", sa.Integer, sa.ForeignKey("user_account.id", ondelete="CASCADE"), nullable=False
        ),
        sa.Column("session_hash", sa.String(80)),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("next_path", sa.String(2000), nullable=False),
        sa.Column("expires_at", UtcDateTime, nullable=False),
    )
    op.create_index("ix_integration_request_state", "integration_request", ["state_hash"])
    op.create_index("ix_integration_request_expires_at", "integration_request", ["expires_at"])
    op.create_index("ix_integration_request_user_id", "integration_request", ["user_id"])


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
