"""the index of search (docs/decisions/0011-search.md)"""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

from parley.kernel.config.values import SettingsError

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# A message is found by its ticket; other comments, which are found by themselves, stand under this.
NOTHING = UUID(int=0)
ABOUT = "CASE WHEN {row}.scope = 'conversations_ticket' THEN coalesce({row}.ticket_id, {nothing}) ELSE {nothing} END"
# A project's texts have places of their own: MATCH on a range of them reads no other project's.
PLACES = 1 << 40


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        _postgresql()
    else:
        _sqlite()


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")


# ------------------------------------------------------------------ PostgreSQL


def _postgresql() -> None:
    for extension in ("pg_trgm", "btree_gin"):
        _create_extension(extension)
    has_icu = (
        op.get_bind().execute(sa.text("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'")).scalar()
    )
    # A database with the locale C would know the letters of ASCII only.
    lower = """lower(words COLLATE "und-x-icu")""" if has_icu else "lower(words)"
    op.execute(f"""
        CREATE FUNCTION search_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        AS $$ SELECT replace({lower}, 'ς', 'σ') $$""")
    op.execute("""
        CREATE TABLE search_text (
            project_id integer NOT NULL, about_id uuid NOT NULL, id uuid NOT NULL, text text NOT NULL,
            CONSTRAINT pk_search_text PRIMARY KEY (project_id, about_id, id)
        )""")
    op.execute(f"""
        INSERT INTO search_text (project_id, about_id, id, text)
        SELECT project_id, {_about("comment")}, id, search_folded(content)
        FROM comment WHERE NOT deleted AND content <> ''
        UNION ALL
        SELECT project_id, id, id, text FROM (
            SELECT project_id, id, {_own_text("ticket")} AS text FROM ticket
        ) AS own WHERE text <> ''""")
    op.execute("SET LOCAL maintenance_work_mem = '256MB'")
    # New texts wait in a list, which the job `tickets.tidy_search` empties before a request has to.
    op.execute("""
        CREATE INDEX ix_search_text ON search_text USING gin (project_id, text gin_trgm_ops)
        WITH (gin_pending_list_limit = 16384)""")
    _postgresql_triggers()


def _create_extension(name: str) -> None:
    """Create an extension that comes with PostgreSQL and that the owner of a database may create."""
    try:
        with op.get_bind().begin_nested():
            op.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
    except sa.exc.DBAPIError as error:
        raise SettingsError(
            f"PARLEY_DATABASE_URL: search needs the extension {name}, which PostgreSQL could not create "
            f"({error.orig}). Install PostgreSQL's contrib package if it is missing, run `CREATE EXTENSION {name};` "
            "in this database as its owner or as a superuser, and start again."
        ) from error


def _about(row: str) -> str:
    return ABOUT.format(row=row, nothing=f"CAST('{NOTHING}' AS uuid)")


def _own_text(row: str) -> str:
    """Return what a ticket is found by itself, its parts apart by a character that nobody types."""
    traits = f"{row}.anonymous_traits"
    return (
        f"search_folded(concat_ws(chr(31), {traits} ->> 'name', {traits} ->> 'email', {row}.email_subject))"
    )


def _postgresql_triggers() -> None:
    op.execute(f"""
        CREATE FUNCTION search_of_comment() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                DELETE FROM search_text
                WHERE project_id = OLD.project_id AND about_id = {_about("OLD")} AND id = OLD.id;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                IF NOT NEW.deleted AND NEW.content <> '' THEN
                    INSERT INTO search_text (project_id, about_id, id, text)
                    VALUES (NEW.project_id, {_about("NEW")}, NEW.id, search_folded(NEW.content));
                END IF;
            END IF;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER search_of_comment AFTER INSERT OR DELETE ON comment
        FOR EACH ROW EXECUTE FUNCTION search_of_comment()""")
    op.execute("""
        CREATE TRIGGER search_of_changed_comment AFTER UPDATE ON comment FOR EACH ROW
        WHEN (OLD.content IS DISTINCT FROM NEW.content OR OLD.deleted <> NEW.deleted
              OR OLD.ticket_id IS DISTINCT FROM NEW.ticket_id OR OLD.scope <> NEW.scope)
        EXECUTE FUNCTION search_of_comment()""")
    op.execute(f"""
        CREATE FUNCTION search_of_ticket() RETURNS trigger LANGUAGE plpgsql AS $$
        DECLARE
            found text := '';
        BEGIN
            IF TG_OP <> 'INSERT' THEN
                DELETE FROM search_text WHERE project_id = OLD.project_id AND about_id = OLD.id AND id = OLD.id;
            END IF;
            IF TG_OP <> 'DELETE' THEN
                found := {_own_text("NEW")};
            END IF;
            IF found <> '' THEN
                INSERT INTO search_text (project_id, about_id, id, text)
                VALUES (NEW.project_id, NEW.id, NEW.id, found);
            END IF;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER search_of_ticket AFTER INSERT OR DELETE ON ticket
        FOR EACH ROW EXECUTE FUNCTION search_of_ticket()""")
    op.execute("""
        CREATE TRIGGER search_of_changed_ticket AFTER UPDATE ON ticket FOR EACH ROW
        WHEN (OLD.email_subject IS DISTINCT FROM NEW.email_subject
              OR OLD.anonymous_traits -> 'name' IS DISTINCT FROM NEW.anonymous_traits -> 'name'
              OR OLD.anonymous_traits -> 'email' IS DISTINCT FROM NEW.anonymous_traits -> 'email')
        EXECUTE FUNCTION search_of_ticket()""")


# ------------------------------------------------------------------ SQLite


def _sqlite() -> None:
    op.execute("""
        CREATE TABLE search_text (
            place INTEGER PRIMARY KEY, project_id INTEGER NOT NULL, about_id CHAR(32) NOT NULL, id CHAR(32) NOT NULL,
            CONSTRAINT uq_search_text UNIQUE (project_id, about_id, id)
        )""")
    # It keeps no texts: those that it must forget are told by the triggers.
    op.execute("CREATE VIRTUAL TABLE search_index USING fts5 (text, content='', tokenize='trigram')")
    own = _own_text_of_sqlite
    is_shown = "NOT {row}.deleted AND {row}.content <> ''"
    of_comment = ABOUT.format(row="{row}", nothing=f"'{NOTHING.hex}'")
    comments = ("comment", of_comment, "{row}.content", is_shown)
    tickets = ("ticket", "{row}.id", own("{row}"), own("{row}") + " <> ''")
    for table, about, words, condition in (comments, tickets):
        added = "".join(_added_on_sqlite("new", about, words, condition))
        removed = "".join(_removed_on_sqlite("old", about, words, condition))
        changed = {
            "comment": "old.content <> new.content OR old.deleted <> new.deleted"
            " OR old.ticket_id IS NOT new.ticket_id OR old.scope <> new.scope",
            "ticket": f"{own('old')} <> {own('new')}",
        }[table]
        op.execute(f"CREATE TRIGGER search_of_new_{table} AFTER INSERT ON {table} BEGIN {added} END")
        op.execute(f"CREATE TRIGGER search_of_gone_{table} AFTER DELETE ON {table} BEGIN {removed} END")
        op.execute(
            f"CREATE TRIGGER search_of_changed_{table} AFTER UPDATE ON {table} WHEN {changed}"
            f" BEGIN {removed}{added} END"
        )
        _fill_sqlite(table, about, words, condition)


def _own_text_of_sqlite(row: str) -> str:
    name, email = (_trait_on_sqlite(f"{row}.anonymous_traits", name) for name in ("name", "email"))
    return (
        f"ltrim(coalesce({name}, '') || coalesce(char(31) || {email}, '')"
        f" || coalesce(char(31) || {row}.email_subject, ''), char(31))"
    )


def _trait_on_sqlite(traits: str, name: str) -> str:
    kind, value = (f"{function}({traits}, '$.{name}')" for function in ("json_type", "json_extract"))
    return f"CASE WHEN {kind} IN ('true', 'false') THEN {kind} ELSE CAST({value} AS TEXT) END"


def _places(row: str) -> str:
    return f"place BETWEEN {row}.project_id * {PLACES} AND ({row}.project_id + 1) * {PLACES} - 1"


def _added_on_sqlite(row: str, about: str, words: str, condition: str) -> tuple[str, str]:
    about, words, condition = (part.format(row=row) for part in (about, words, condition))
    last = f"SELECT place FROM search_text WHERE {_places(row)} ORDER BY place DESC LIMIT 1"
    mine = f"project_id = {row}.project_id AND about_id = {about} AND id = {row}.id"
    return (
        f"INSERT INTO search_text (place, project_id, about_id, id)"
        f" SELECT coalesce(({last}), {row}.project_id * {PLACES}) + 1, {row}.project_id, {about}, {row}.id"
        f" WHERE {condition}; ",
        f"INSERT INTO search_index (rowid, text)"
        f" SELECT place, {words} FROM search_text WHERE {mine} AND {condition}; ",
    )


def _removed_on_sqlite(row: str, about: str, words: str, condition: str) -> tuple[str, str]:
    about, words, condition = (part.format(row=row) for part in (about, words, condition))
    mine = f"project_id = {row}.project_id AND about_id = {about} AND id = {row}.id"
    return (
        f"INSERT INTO search_index (search_index, rowid, text)"
        f" SELECT 'delete', place, {words} FROM search_text WHERE {mine} AND {condition}; ",
        f"DELETE FROM search_text WHERE {mine}; ",
    )


def _fill_sqlite(table: str, about: str, words: str, condition: str) -> None:
    about, words, condition = (part.format(row=table) for part in (about, words, condition))
    op.execute(f"""
        INSERT INTO search_text (place, project_id, about_id, id)
        SELECT row_number() OVER (PARTITION BY {table}.project_id)
            + coalesce((SELECT place FROM search_text WHERE {_places(table)} ORDER BY place DESC LIMIT 1),
                {table}.project_id * {PLACES}),
            {table}.project_id, {about}, {table}.id
        FROM {table} WHERE {condition}""")
    op.execute(f"""
        INSERT INTO search_index (rowid, text)
        SELECT search_text.place, {words} FROM {table} JOIN search_text ON search_text.project_id = {table}.project_id
            AND search_text.about_id = {about} AND search_text.id = {table}.id
        WHERE {condition} ORDER BY search_text.place""")
