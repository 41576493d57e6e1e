"""texts of search as Python folds them (docs/decisions/0011-search.md)

PostgreSQL: the program hands over folded texts with what it inserts; the triggers fold only what a version before this one
writes, and leave it, as all that is there already, to the job `tickets.fold_search`. SQLite: the triggers call Python.
"""

from uuid import UUID

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

NOTHING = UUID(int=0)
ABOUT = "CASE WHEN {row}.scope = 'conversations_ticket' THEN coalesce({row}.ticket_id, {nothing}) ELSE {nothing} END"
PLACES = 1 << 40
SEPARATOR = "\x1f"
# What the database may have folded in another way than Python: letters outside of ASCII, and white space.
MAY_DIFFER = rf"""(text COLLATE "C") ~ '[^!-~ {SEPARATOR}]|  |^ | $| {SEPARATOR}|{SEPARATOR} '"""


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")


# ------------------------------------------------------------------ PostgreSQL


def _postgresql() -> None:
    op.execute("ALTER TABLE search_text ADD COLUMN folding smallint NOT NULL DEFAULT 0")
    op.execute(f"""
        CREATE INDEX ix_search_text_unfolded ON search_text (project_id, about_id, id)
        WHERE folding = 0 AND {MAY_DIFFER}""")
    about_old, about_new = (
        ABOUT.format(row=row, nothing=f"CAST('{NOTHING}' AS uuid)") for row in ("OLD", "NEW")
    )
    op.execute(f"""
        CREATE OR REPLACE FUNCTION search_of_comment() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF OLD.content = NEW.content AND OLD.deleted = NEW.deleted THEN
                    UPDATE search_text SET about_id = {about_new}
                    WHERE project_id = OLD.project_id AND about_id = {about_old} AND id = OLD.id;
                    RETURN NULL;
                END IF;
            END IF;
            IF TG_OP <> 'INSERT' THEN
                DELETE FROM search_text
                WHERE project_id = OLD.project_id AND about_id = {about_old} AND id = OLD.id;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                IF NOT NEW.deleted AND NEW.content <> '' THEN
                    INSERT INTO search_text (project_id, about_id, id, text)
                    VALUES (NEW.project_id, {about_new}, NEW.id, search_folded(NEW.content))
                    ON CONFLICT DO NOTHING;
                END IF;
            END IF;
            RETURN NULL;
        END $$""")
    name, email = (f"NEW.anonymous_traits ->> '{trait}'" for trait in ("name", "email"))
    op.execute(f"""
        CREATE OR REPLACE FUNCTION search_of_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            found text := '';
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                DELETE FROM search_text WHERE project_id = OLD.project_id AND about_id = OLD.id AND id = OLD.id;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                found := search_folded(concat_ws(chr(31), {name}, {email}, NEW.email_subject));
            END IF;
            IF found <> '' THEN
                INSERT INTO search_text (project_id, about_id, id, text)
                VALUES (NEW.project_id, NEW.id, NEW.id, found) ON CONFLICT DO NOTHING;
            END IF;
            RETURN NULL;
        END $$""")


# ------------------------------------------------------------------ SQLite


def _sqlite() -> None:
    for table in ("comment", "ticket"):
        for event in ("new", "gone", "changed"):
            op.execute(f"DROP TRIGGER search_of_{event}_{table}")
    op.execute("DROP TABLE search_index")
    op.execute("DROP TABLE search_text")
    op.execute("""
        CREATE TABLE search_text (
            place INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, about_id CHAR(32) NOT NULL, id CHAR(32) NOT NULL,
            text TEXT NOT NULL, CONSTRAINT uq_search_text UNIQUE (project_id, about_id, id)
        )""")
    op.execute("""
        CREATE VIRTUAL TABLE search_index USING fts5 (
            text, content='search_text', content_rowid='place', tokenize='trigram case_sensitive 1'
        )""")
    own = "{row}.id", _own_text("{row}")
    said = ABOUT.format(row="{row}", nothing=f"'{NOTHING.hex}'"), "search_folded({row}.content)"
    _fill("comment", *said, "NOT comment.deleted AND comment.content <> ''")
    _fill("ticket", *own, f"{_own_text('ticket')} <> ''")
    op.execute("INSERT INTO search_index (search_index) VALUES ('rebuild')")
    _index_triggers()
    _triggers("comment", *said, "NOT new.deleted AND new.content <> ''")
    _triggers("ticket", *own, f"{_own_text('new')} <> ''")
    moved = " OR ".join(f"old.{name} IS NOT new.{name}" for name in ("ticket_id", "scope"))
    op.execute(f"""
        CREATE TRIGGER search_of_moved_comment AFTER UPDATE OF ticket_id, scope ON comment
        WHEN old.content = new.content AND old.deleted = new.deleted AND ({moved}) BEGIN
            UPDATE search_text SET about_id = {said[0].format(row="new")}
            WHERE project_id = old.project_id AND about_id = {said[0].format(row="old")} AND id = old.id;
        END""")


def _own_text(row: str) -> str:
    """Return what a ticket is found by itself, its parts apart by a character that folding leaves in no text."""
    name, email = (_trait(f"{row}.anonymous_traits", name) for name in ("name", "email"))
    parts = (f"coalesce(char(31) || nullif(search_folded({part}), ''), '')" for part in (name, email))
    return f"ltrim({' || '.join(parts)} || coalesce(char(31) || search_folded({row}.email_subject), ''), char(31))"


def _trait(traits: str, name: str) -> str:
    kind, value = (f"{function}({traits}, '$.{name}')" for function in ("json_type", "json_extract"))
    return f"CASE WHEN {kind} IN ('true', 'false') THEN {kind} ELSE CAST({value} AS TEXT) END"


def _last_place(row: str) -> str:
    places = f"place BETWEEN {row}.project_id * {PLACES} AND ({row}.project_id + 1) * {PLACES} - 1"
    last = f"SELECT place FROM search_text WHERE {places} ORDER BY place DESC LIMIT 1"
    return f"coalesce(({last}), {row}.project_id * {PLACES})"


def _fill(table: str, about: str, words: str, condition: str) -> None:
    op.execute(f"""
        INSERT INTO search_text (place, project_id, about_id, id, text)
        SELECT row_number() OVER (PARTITION BY {table}.project_id) + {_last_place(table)},
            {table}.project_id, {about.format(row=table)}, {table}.id, {words.format(row=table)}
        FROM {table} WHERE {condition}""")


def _index_triggers() -> None:
    add = "INSERT INTO search_index (rowid, text) VALUES (new.place, new.text);"
    remove = "INSERT INTO search_index (search_index, rowid, text) VALUES ('delete', old.place, old.text);"
    for event, steps in (("INSERT", add), ("DELETE", remove), ("UPDATE OF text", remove + add)):
        name = event.split()[0].lower()
        op.execute(f"CREATE TRIGGER search_index_{name} AFTER {event} ON search_text BEGIN {steps} END")


def _triggers(table: str, about: str, words: str, condition: str) -> None:
    added = f"""
        INSERT INTO search_text (place, project_id, about_id, id, text)
        SELECT {_last_place("new")} + 1, new.project_id, {about.format(row="new")}, new.id, {words.format(row="new")}
        WHERE {condition};"""
    removed = f"""
        DELETE FROM search_text
        WHERE project_id = old.project_id AND about_id = {about.format(row="old")} AND id = old.id;"""
    changed = {
        "comment": "old.content <> new.content OR old.deleted <> new.deleted",
        "ticket": "old.anonymous_traits <> new.anonymous_traits OR old.email_subject IS NOT new.email_subject",
    }[table]
    op.execute(f"CREATE TRIGGER search_of_new_{table} AFTER INSERT ON {table} BEGIN {added} END")
    op.execute(f"CREATE TRIGGER search_of_gone_{table} AFTER DELETE ON {table} BEGIN {removed} END")
    op.execute(
        f"CREATE TRIGGER search_of_changed_{table} AFTER UPDATE ON {table} WHEN {changed}"
        f" BEGIN {removed}{added} END"
    )
