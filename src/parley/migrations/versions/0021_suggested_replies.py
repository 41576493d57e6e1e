"""suggested replies"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answer_index_progress",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id"],
            ["project.id"],
            name=op.f("fk_answer_index_progress_project_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("project_id", name=op.f("pk_answer_index_progress")),
    )
    op.create_table(
        "answer_source",
        sa.Column("project_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ticket_id", sa.Uuid(), nullable=True),
        sa.Column("article_id", sa.Uuid(), nullable=True),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("answer_terms", sa.Text(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["project_id", "article_id"],
            ["article.project_id", "article.id"],
            name=op.f("fk_answer_source_project_id_article_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id", "ticket_id"],
            ["ticket.project_id", "ticket.id"],
            name=op.f("fk_answer_source_project_id_ticket_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["project_id"], ["project.id"], name=op.f("fk_answer_source_project_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("project_id", "id", name=op.f("pk_answer_source")),
    )
    with op.batch_alter_table("answer_source", schema=None) as batch_op:
        batch_op.create_index(
            "ix_answer_source_article",
            ["project_id", "article_id"],
            unique=False,
            sqlite_where=sa.text("article_id IS NOT NULL"),
            postgresql_where=sa.text("article_id IS NOT NULL"),
        )
        batch_op.create_index("ix_answer_source_place", ["project_id", "place"], unique=False)
        batch_op.create_index(
            "ix_answer_source_ticket",
            ["project_id", "ticket_id"],
            unique=False,
            sqlite_where=sa.text("ticket_id IS NOT NULL"),
            postgresql_where=sa.text("ticket_id IS NOT NULL"),
        )

    if op.get_bind().dialect.name == "postgresql":
        # Rows come from background work, which can wait for the index; searches then never read a list of new rows.
        op.execute(
            "CREATE INDEX ix_answer_source_words ON answer_source"
            " USING gin (string_to_array(terms || ' ' || answer_terms, ' ')) WITH (fastupdate = off)"
        )
    else:
        _sqlite()


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")


def _sqlite() -> None:
    # It keeps no words of its own: those that it must forget are told by the triggers.
    op.execute(
        "CREATE VIRTUAL TABLE answer_index USING fts5 (terms, answer_terms, content='', tokenize='ascii')"
    )
    added = "INSERT INTO answer_index (rowid, terms, answer_terms) VALUES (new.place, new.terms, new.answer_terms); "
    removed = (
        "INSERT INTO answer_index (answer_index, rowid, terms, answer_terms)"
        " VALUES ('delete', old.place, old.terms, old.answer_terms); "
    )
    op.execute(f"CREATE TRIGGER answer_index_of_new AFTER INSERT ON answer_source BEGIN {added} END")
    op.execute(f"CREATE TRIGGER answer_index_of_gone AFTER DELETE ON answer_source BEGIN {removed} END")
    op.execute(
        f"CREATE TRIGGER answer_index_of_changed AFTER UPDATE ON answer_source BEGIN {removed}{added} END"
    )
