"""The index of past answers and articles, by their words."""

from sqlalchemy import BigInteger, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, text

from parley.kernel.database.columns import Uuid, metadata

OF_TICKET = text("ticket_id IS NOT NULL")
OF_ARTICLE = text("article_id IS NOT NULL")

# One row for each ticket that was resolved with an answer, and for each published article. Both texts hold words as
# `rules/words.py` makes them, apart by spaces. A GIN index over both (PostgreSQL), and an FTS5 table `answer_index` that
# triggers keep (SQLite), are made by the migration.
answer_source = Table(
    "answer_source",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),  # that of the ticket or the article
    Column("ticket_id", Uuid),
    Column("article_id", Uuid),
    Column("terms", Text, nullable=False),  # of the question, or of an article's title
    Column("answer_terms", Text, nullable=False),  # further ones, of the answer or the article's content
    Column("place", BigInteger, nullable=False),  # the rowid in SQLite's index, made of the id
    ForeignKeyConstraint(["project_id", "ticket_id"], ["ticket.project_id", "ticket.id"], ondelete="CASCADE"),
    ForeignKeyConstraint(
        ["project_id", "article_id"], ["article.project_id", "article.id"], ondelete="CASCADE"
    ),
    Index("ix_answer_source_place", "project_id", "place"),
    Index(
        "ix_answer_source_ticket",
        "project_id",
        "ticket_id",
        sqlite_where=OF_TICKET,
        postgresql_where=OF_TICKET,
    ),
    Index(
        "ix_answer_source_article",
        "project_id",
        "article_id",
        sqlite_where=OF_ARTICLE,
        postgresql_where=OF_ARTICLE,
    ),
)

# How far the tickets that were resolved before this version came are in the index: by their number.
answer_index_progress = Table(
    "answer_index_progress",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, nullable=False),
)
