"""Conversions that are told to LinkedIn, and the rules that cause them"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import UtcDateTime

revision = "0055"
down_revision = "0054"
branch_labels = None
depends_on = None

PENDING = sa.text("state = 'pending'")


def _project_id() -> sa.Column[int]:
    return sa.Column(
        "project_id", sa.Integer, sa.ForeignKey("project.id", ondelete="CASCADE"), nullable=False
    )


def upgrade() -> None:
    op.create_table(
        "linkedin_conversion_rule",
        _project_id(),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("integration_id", sa.Integer, nullable=False),
        sa.Column("ad_account_id", sa.String(19), nullable=False),
        sa.Column("conversion_rule_id", sa.String(19), nullable=False),
        sa.Column("trigger", sa.String(40), nullable=False),
        sa.Column("trigger_value", sa.String(200), nullable=False),
        sa.Column("amount", sa.String(20)),
        sa.Column("currency", sa.String(3)),
        sa.Column("enabled", sa.Boolean, nullable=False),
        sa.Column("created_by", sa.Integer, sa.ForeignKey("user_account.id", ondelete="SET NULL")),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("looked_until", UtcDateTime, nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id"),
        sa.ForeignKeyConstraint(
            ["project_id", "integration_id"], ["integration.project_id", "integration.id"], ondelete="CASCADE"
        ),
    )
    of_account = ["project_id", "integration_id"]
    op.create_index("ix_linkedin_conversion_rule_integration", "linkedin_conversion_rule", of_account)
    op.create_index("ix_linkedin_conversion_rule_created_by", "linkedin_conversion_rule", ["created_by"])
    _make_log()


def _make_log() -> None:
    op.create_table(
        "linkedin_conversion",
        _project_id(),
        sa.Column("id", sa.Uuid, nullable=False),
        sa.Column("rule_id", sa.Uuid, nullable=False),
        sa.Column("event_id", sa.Uuid, nullable=False),
        sa.Column("ticket_id", sa.Uuid),
        sa.Column("happened_at", UtcDateTime, nullable=False),
        sa.Column("email_hash", sa.String(64)),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("last_error", sa.String(500)),
        sa.Column("next_at", UtcDateTime),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("finished_at", UtcDateTime),
        sa.PrimaryKeyConstraint("project_id", "id"),
        sa.UniqueConstraint("project_id", "rule_id", "event_id"),
        sa.ForeignKeyConstraint(
            ["project_id", "rule_id"],
            ["linkedin_conversion_rule.project_id", "linkedin_conversion_rule.id"],
            ondelete="CASCADE",
        ),
    )
    op.create_index("ix_linkedin_conversion_log", "linkedin_conversion", ["project_id", "rule_id", "id"])
    op.create_index("ix_linkedin_conversion_age", "linkedin_conversion", ["created_at"])
    op.create_index(
        "ix_linkedin_conversion_due",
        "linkedin_conversion",
        ["next_at"],
        sqlite_where=PENDING,
        postgresql_where=PENDING,
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
