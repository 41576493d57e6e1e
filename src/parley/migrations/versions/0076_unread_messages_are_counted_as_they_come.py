"""Unread messages are counted as they come (docs/decisions/0040-unread-messages-are-counted-as-they-come.md)

Triggers keep the count, so that it is exact whatever writes tickets: a version before this one, too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0076"
down_revision = "0075"
branch_labels = None
depends_on = None

ZERO = "00000000000000000000000000000000"
COUNTED = "CASE WHEN {row}.status <> 'resolved' AND {row}.deleted_at IS NULL THEN {row}.unread_team_count ELSE 0 END"
EVENTS = {
    "insert": ("INSERT", "0", COUNTED.format(row="new")),
    "delete": ("DELETE", COUNTED.format(row="old"), "0"),
    "update": (
        "UPDATE OF unread_team_count, status, deleted_at",
        COUNTED.format(row="old"),
        COUNTED.format(row="new"),
    ),
}
"""What happens to a row of `ticket`: how many of its messages were counted before, and how many are after."""


def upgrade() -> None:
    op.create_table(
        "unread_tally",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("n_unread", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_unread_tally")),
    )
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
        _fill("gen_random_uuid()")
    else:
        _sqlite()
        _fill(f"'{ZERO}'")


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")


def _fill(id: str) -> None:
    """Count what is there, by ix_ticket_unread."""
    op.execute(f"""
        INSERT INTO unread_tally (project_id, id, n_unread)
        SELECT project_id, {id}, sum(unread_team_count) FROM ticket
        WHERE unread_team_count > 0 AND status <> 'resolved' AND deleted_at IS NULL GROUP BY project_id""")


def _postgresql() -> None:
    # Only rows are added, so that nobody waits for anybody: the job `tickets.fold_unread` adds them up.
    for name, (event, before, after) in EVENTS.items():
        row = "old" if name == "delete" else "new"
        op.execute(f"""
            CREATE FUNCTION count_unread_after_{name}() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                INSERT INTO unread_tally (project_id, id, n_unread)
                VALUES ({row}.project_id, gen_random_uuid(), {after} - {before});
                RETURN NULL;
            END $$""")
        op.execute(f"""
            CREATE TRIGGER unread_after_{name} AFTER {event} ON ticket
            FOR EACH ROW WHEN ({before} <> {after}) EXECUTE FUNCTION count_unread_after_{name}()""")


def _sqlite() -> None:
    for name, (event, before, after) in EVENTS.items():
        row = "old" if name == "delete" else "new"
        # Nothing is left of a project that is deleted.
        tidied = f"DELETE FROM unread_tally WHERE project_id = {row}.project_id AND n_unread = 0;"
        op.execute(f"""
            CREATE TRIGGER unread_after_{name} AFTER {event} ON ticket WHEN {before} <> {after} BEGIN
                INSERT INTO unread_tally (project_id, id, n_unread)
                VALUES ({row}.project_id, '{ZERO}', {after} - {before})
                ON CONFLICT (project_id, id) DO UPDATE SET n_unread = n_unread + excluded.n_unread;
                {tidied if name == "delete" else ""}
            END""")
