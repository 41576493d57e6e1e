"""Tables of persons."""

from sqlalchemy import (
    Boolean,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    SmallInteger,
    String,
    Table,
    text,
)

from parley.kernel.database.columns import (
    Json,
    UtcDateTime,
    Uuid,
    metadata,
)

HAS_EMAIL = text("email IS NOT NULL")
HAS_NAME = text("search_name IS NOT NULL")


def _searchable(length: int) -> String:
    # Only in the order of code points is a prefix a range of the index; SQLite has no other order.
    return String(length).with_variant(String(length, collation="C"), "postgresql")


person = Table(
    "person",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("id", Uuid, primary_key=True),
    Column("properties", Json, nullable=False),
    Column("email", _searchable(254)),  # the property `email`, lower-cased, for look-ups
    Column("search_name", _searchable(200)),  # the name, lower-cased, for searches by its beginning
    Column("is_identified", Boolean, nullable=False, default=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("last_seen_at", UtcDateTime),  # to the hour, so that most events write no person
    # Partial, so that PostgreSQL can't take one of them for a look-up by id while the table is small. There is none for
    # the order of lists: an id begins with the time at which it was made.
    Index(
        "ix_person_project_id_email",
        "project_id",
        "email",
        sqlite_where=HAS_EMAIL,
        postgresql_where=HAS_EMAIL,
    ),
    Index(
        "ix_person_project_id_search_name",
        "project_id",
        "search_name",
        sqlite_where=HAS_NAME,
        postgresql_where=HAS_NAME,
    ),
)

person_distinct_id = Table(
    "person_distinct_id",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("distinct_id", String(400), primary_key=True),
    Column("person_id", Uuid, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    ForeignKeyConstraint(["project_id", "person_id"], ["person.project_id", "person.id"], ondelete="CASCADE"),
    Index("ix_person_distinct_id_project_id_person_id_created_at", "project_id", "person_id", "created_at"),
)

# A tally is a part of a count: the number of persons of a project is the sum of its rows. There are several, so that
# requests that make persons at the same time seldom wait for each other.
person_tally = Table(
    "person_tally",
    metadata,
    Column("project_id", Integer, ForeignKey("project.id", ondelete="CASCADE"), primary_key=True),
    Column("slot", SmallInteger, primary_key=True),
    Column("n_persons", Integer, nullable=False),
)
