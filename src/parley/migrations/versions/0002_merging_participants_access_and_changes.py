"""merging, participants, access levels and changes"""

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json, UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FACTS = (
    "project_id", "status", "priority", "assignee_user_id", "assignee_role_id", "channel_source", "channel_detail",
    "sla_due_at", "snoozed_until", "updated_at", "created_at", "number", "id", "deleted_at",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "change",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("ticket_number", sa.Integer(), nullable=False),
        sa.Column("message_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_change_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_change")),
    )
    op.create_index("ix_change_created_at", "change", ["created_at"], unique=False)
    op.create_index(
        "ix_change_place",
        "change",
        ["project_id", "place"],
        unique=True,
        sqlite_where=sa.text("place IS NOT NULL"),
        postgresql_where=sa.text("place IS NOT NULL"),
    )
    op.create_index(
        "ix_change_unnumbered",
        "change",
        ["project_id", "id"],
        unique=False,
        sqlite_where=sa.text("place IS NULL"),
        postgresql_where=sa.text("place IS NULL"),
    )

    op.create_table(
        "change_head",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("last_place", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_change_head_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_change_head")),
    )
    op.create_table(
        "access_control",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("resource", sa.String(length=32), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("access_level", sa.String(length=16), nullable=False),
        sa.Column("membership_id", sa.Uuid(), nullable=True),
        sa.Column("role_id", sa.Uuid(), nullable=True),
        sa.Column("created_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"],
            ["user_account.id"],
            name=op.f("fk_access_control_created_by"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["membership_id"],
            ["membership.id"],
            name=op.f("fk_access_control_membership_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_access_control_project_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["role_id"], ["role.id"], name=op.f("fk_access_control_role_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_access_control")),
    )
    op.create_index(
        op.f("ix_access_control_membership_id"), "access_control", ["membership_id"], unique=False
    )
    op.create_index(
        "ix_access_control_resource",
        "access_control",
        ["project_id", "resource", "resource_id"],
        unique=False,
    )
    op.create_index(op.f("ix_access_control_role_id"), "access_control", ["role_id"], unique=False)

    op.create_table(
        "ticket_merge",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("merged_id", sa.Uuid(), nullable=False),
        sa.Column("survivor_id", sa.Uuid(), nullable=False),
        sa.Column("before", Json, nullable=False),
        sa.Column("merged_at", UtcDateTime(), nullable=False),
        sa.Column("merged_by", sa.Integer(), nullable=True),
        sa.Column("undone_at", UtcDateTime(), nullable=True),
        sa.Column("undone_by", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["merged_by"], ["user_account.id"], name=op.f("fk_ticket_merge_merged_by"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "merged_id"],
            ["ticket.project_id", "ticket.id"],
            name=op.f("fk_ticket_merge_project_id_merged_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "survivor_id"],
            ["ticket.project_id", "ticket.id"],
            name=op.f("fk_ticket_merge_project_id_survivor_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["undone_by"], ["user_account.id"], name=op.f("fk_ticket_merge_undone_by"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_ticket_merge")),
    )
    op.create_index(
        "ix_ticket_merge_merged",
        "ticket_merge",
        ["project_id", "merged_id"],
        unique=True,
        sqlite_where=sa.text("undone_at IS NULL"),
        postgresql_where=sa.text("undone_at IS NULL"),
    )
    op.create_index(
        "ix_ticket_merge_survivor", "ticket_merge", ["project_id", "survivor_id", "merged_at"], unique=False
    )

    op.create_table(
        "ticket_participant",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("distinct_id", sa.String(length=400), nullable=True),
        sa.Column("name", sa.String(length=500), nullable=True),
        sa.Column("merge_id", sa.Uuid(), nullable=True),
        sa.Column("added_by", sa.Integer(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["added_by"],
            ["user_account.id"],
            name=op.f("fk_ticket_participant_added_by"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"],
            ["ticket.project_id", "ticket.id"],
            name=op.f("fk_ticket_participant_project_id_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_ticket_participant")),
    )
    in_order = ["project_id", "ticket_id", "created_at", "id"]
    op.create_index("ix_ticket_participant_ticket", "ticket_participant", in_order, unique=False)
    for name in ("distinct_id", "email"):
        columns = ["project_id", name, "ticket_id"]
        op.create_index(f"ix_ticket_participant_{name}", "ticket_participant", columns, unique=True)

    op.add_column("comment", sa.Column("via_ticket_id", sa.Uuid(), nullable=True))
    op.add_column("comment", sa.Column("home_ticket_id", sa.Uuid(), nullable=True))
    addressed = sa.text("via_ticket_id IS NOT NULL")
    op.create_index(
        "ix_comment_via",
        "comment",
        ["project_id", "via_ticket_id", "created_at"],
        sqlite_where=addressed,
        postgresql_where=addressed,
    )
    op.add_column("ticket_tag", sa.Column("merge_id", sa.Uuid(), nullable=True))

    op.add_column(
        "project", sa.Column("has_access_controls", sa.Boolean(), server_default=sa.false(), nullable=False)
    )

    op.add_column("ticket", sa.Column("is_merged", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("ticket", sa.Column("merged_numbers", Json, server_default="[]", nullable=False))
    op.add_column(
        "ticket", sa.Column("has_been_merged", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    # Visitors find their merged tickets by it, too.
    op.drop_index("ix_ticket_claim", "ticket")
    op.create_index(
        "ix_ticket_claim",
        "ticket",
        ["project_id", sa.text("lower(distinct_id)")],
        sqlite_where=sa.text("identity_verified = 1"),
        postgresql_where=sa.text("identity_verified = true"),
    )

    # A merged ticket has left the lists as a deleted one has, but nobody may purge it.
    op.drop_index("ix_ticket_deleted", "ticket")
    gone = sa.text("deleted_at IS NOT NULL AND NOT is_merged")
    op.create_index(
        "ix_ticket_deleted", "ticket", ["deleted_at", "project_id"], sqlite_where=gone, postgresql_where=gone
    )
    live = sa.text("deleted_at IS NULL AND status <> ''")
    op.create_index("ix_ticket_facts", "ticket", FACTS, sqlite_where=live, postgresql_where=live)
    op.create_index(
        "ix_ticket_told_email",
        "ticket",
        ["project_id", sa.text("lower(substr(anonymous_traits ->> 'email', 1, 254))")],
    )
    # Of deleted tickets, too: they are erased with the others.
    op.drop_index("ix_ticket_email", "ticket")
    has_address = sa.text("email_from IS NOT NULL")
    op.create_index(
        "ix_ticket_email",
        "ticket",
        ["project_id", sa.text("lower(email_from)")],
        sqlite_where=has_address,
        postgresql_where=has_address,
    )
    of_customer = sa.text("author_type = 'customer'")
    op.create_index(
        "ix_comment_customer",
        "comment",
        ["project_id", sa.text("substr(item_context ->> 'distinct_id', 1, 400)")],
        sqlite_where=of_customer,
        postgresql_where=of_customer,
    )
    op.add_column("webhook_delivery", sa.Column("ticket_id", sa.Uuid(), nullable=True))
    tells_of_ticket = sa.text("ticket_id IS NOT NULL")
    op.create_index(
        "ix_webhook_delivery_ticket",
        "webhook_delivery",
        ["project_id", "ticket_id"],
        sqlite_where=tells_of_ticket,
        postgresql_where=tells_of_ticket,
    )
    of_ticket = sa.text("event LIKE '$conversation%'")
    op.create_index(
        "ix_event_ticket",
        "event",
        ["project_id", sa.text("substr(properties ->> 'ticket_id', 1, 36)")],
        sqlite_where=of_ticket,
        postgresql_where=of_ticket,
    )


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")
