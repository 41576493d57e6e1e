"""The audit log of an organization, which nobody changes"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None

REFUSAL = "the audit log is append-only"
# Entries go when another one has announced it, and with their organization, whose row is gone already by then.
IS_KEPT = (
    "EXISTS (SELECT 1 FROM organization WHERE organization.id = OLD.organization_id) AND NOT EXISTS ("
    "SELECT 1 FROM audit_entry AS clearing WHERE clearing.organization_id = OLD.organization_id "
    "AND clearing.cleared_before > OLD.created_at)"
)
INDEXES = {
    "ix_audit_entry_time": ["organization_id", "created_at", "id"],
    "ix_audit_entry_user": ["organization_id", "user_id", "created_at", "id"],
    "ix_audit_entry_action": ["organization_id", "action", "created_at", "id"],
    "ix_audit_entry_target": ["organization_id", "target_type", "target_id", "created_at", "id"],
}
IS_CLEARING = sa.text("cleared_before IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "audit_entry",
        sa.Column("organization_id", sa.Uuid, sa.ForeignKey("organization.id", ondelete="CASCADE")),
        sa.Column("id", sa.Uuid),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("user_id", sa.Integer),
        sa.Column("user_email", sa.String(254), nullable=False, server_default=""),
        sa.Column("user_name", sa.String(300), nullable=False, server_default=""),
        sa.Column("key_id", sa.String(200)),
        sa.Column("key_label", sa.String(300), nullable=False, server_default=""),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("target_type", sa.String(40), nullable=False, server_default=""),
        sa.Column("target_id", sa.String(200), nullable=False, server_default=""),
        sa.Column("target_name", sa.String(300), nullable=False, server_default=""),
        sa.Column("before", Json),
        sa.Column("after", Json),
        sa.Column("address", sa.String(64), nullable=False, server_default=""),
        sa.Column("user_agent", sa.String(300), nullable=False, server_default=""),
        sa.Column("search_text", sa.Text, nullable=False, server_default=""),
        sa.Column("cleared_before", UtcDateTime),
        sa.PrimaryKeyConstraint("organization_id", "id"),
    )
    for name, columns in INDEXES.items():
        op.create_index(name, "audit_entry", columns)
    op.create_index(
        "ix_audit_entry_cleared",
        "audit_entry",
        ["organization_id", "cleared_before"],
        sqlite_where=IS_CLEARING,
        postgresql_where=IS_CLEARING,
    )
    if op.get_bind().dialect.name == "postgresql":
        _refuse_on_postgresql()
    else:
        _refuse_on_sqlite()


def _refuse_on_postgresql() -> None:
    op.execute(
        "CREATE FUNCTION refuse_change_of_audit_log() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF TG_OP = 'DELETE' THEN IF NOT ({IS_KEPT}) THEN RETURN OLD; END IF; END IF; "
        f"RAISE EXCEPTION '{REFUSAL}'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_log_is_append_only BEFORE UPDATE OR DELETE ON audit_entry "
        "FOR EACH ROW EXECUTE FUNCTION refuse_change_of_audit_log()"
    )


def _refuse_on_sqlite() -> None:
    refuse = f"BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
    op.execute(f"CREATE TRIGGER audit_log_is_not_changed BEFORE UPDATE ON audit_entry {refuse}")
    op.execute(
        f"CREATE TRIGGER audit_log_is_not_deleted BEFORE DELETE ON audit_entry WHEN {IS_KEPT} {refuse}"
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
