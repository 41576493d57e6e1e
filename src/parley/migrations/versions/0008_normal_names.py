"""names, tags and addresses in their normal form, so that equal-looking ones are equal

Only rows with more than plain ASCII are read, and only those that differ are written. Where two accounts or participants
would become one, both stay as they are.
"""

import json
from collections.abc import Callable, Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from parley.kernel.network.emails import normal_email
from parley.kernel.text.forms import normal_tag
from parley.kernel.text.search_terms import folding_in_sql
from parley.people.persons.rules.names import MAX_EMAIL, search_name, search_name_of

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BATCH = 5_000
MAX_TAG_LENGTH = 255


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        has_icu = sa.text("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'")
        body = folding_in_sql(op.get_bind().execute(has_icu).first() is not None)
        # As it stands: a colon would begin a parameter.
        op.get_bind().exec_driver_sql(
            "CREATE FUNCTION text_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE"
            f" AS $$ {body} $$"
        )
    rewrite()


def rewrite() -> None:
    """Bring the rows into their normal form; safe to run again."""
    _persons("email", lambda text: normal_email(text)[:MAX_EMAIL])
    _persons("search_name", search_name)
    _persons_with_numbers()
    _tags()
    for table, key in (("user_account", ("id",)), ("ticket_participant", ("project_id", "id"))):
        _addresses(table, key)


def downgrade() -> None:
    raise RuntimeError("Parley goes forward only: restore the backup that was taken before.")


def _may_differ(column: str) -> str:
    if op.get_bind().dialect.name == "postgresql":
        return rf"""((({column}) COLLATE "C") ~ '[^!-~ ]|  |^ | $' OR strpos({column}, 'xn--') > 0)"""
    patterns = ("*[^ -~]*", "*  *", " *", "* ", "*xn--*")
    return "(" + " OR ".join(f"{column} GLOB '{pattern}'" for pattern in patterns) + ")"


def _rows(table: str, key: tuple[str, ...], columns: str, condition: str) -> Iterator[Any]:
    """Yield the rows of a table in the order of its key, some at a time."""
    keys, last = ", ".join(key), None
    while True:
        after = "" if last is None else f"AND ({keys}) > ({', '.join(f':{name}' for name in key)})"
        statement = (
            f"SELECT {keys}, {columns} FROM {table} WHERE {condition} {after} ORDER BY {keys} LIMIT {BATCH}"
        )
        rows = op.get_bind().execute(sa.text(statement), last or {}).all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = dict(zip(key, rows[-1], strict=False))


def _set(table: str, key: tuple[str, ...], column: str, row: Any, value: str) -> None:
    mine = " AND ".join(f"{name} = :{name}" for name in key)
    statement = sa.text(f"UPDATE {table} SET {column} = :value WHERE {mine}")
    op.get_bind().execute(statement, dict(zip(key, row, strict=False)) | {"value": value})


def _persons(column: str, normal: Callable[[str], str]) -> None:
    key = ("project_id", "id")
    for row in _rows("person", key, column, _may_differ(column)):
        value = normal(row[2])
        if value != row[2]:
            _set("person", key, column, row, value)


def _persons_with_numbers() -> None:
    """Let persons be searched whose name is a number."""
    if op.get_bind().dialect.name == "postgresql":
        is_number = "jsonb_typeof(properties -> '{name}') = 'number'"
    else:
        is_number = "json_type(properties, '$.{name}') IN ('integer', 'real')"
    names = ("name", "Name", "username", "Username", "UserName")
    condition = " OR ".join(is_number.format(name=name) for name in names)
    key = ("project_id", "id")
    for row in _rows("person", key, "properties", f"search_name IS NULL AND ({condition})"):
        properties: Any = row[2] if isinstance(row[2], dict) else json.loads(row[2])
        value = search_name_of(properties)
        if value is not None:
            _set("person", key, "search_name", row, value)


def _tags() -> None:
    named = sa.text(f"SELECT DISTINCT project_id, name FROM ticket_tag WHERE {_may_differ('name')}")
    for project_id, name in op.get_bind().execute(named).all():
        normal = normal_tag(name)
        if normal == name or not 0 < len(normal) <= MAX_TAG_LENGTH:
            continue
        values = {"project_id": project_id, "name": name, "normal": normal}
        op.get_bind().execute(
            sa.text(
                "INSERT INTO ticket_tag (project_id, ticket_id, name, merge_id)"
                " SELECT project_id, ticket_id, :normal, merge_id FROM ticket_tag"
                " WHERE project_id = :project_id AND name = :name ON CONFLICT DO NOTHING"
            ),
            values,
        )
        op.get_bind().execute(
            sa.text("DELETE FROM ticket_tag WHERE project_id = :project_id AND name = :name"),
            {"project_id": project_id, "name": name},
        )


def _addresses(table: str, key: tuple[str, ...]) -> None:
    for row in _rows(table, key, "email", _may_differ("email")):
        normal = normal_email(row[-1])
        if normal == row[-1]:
            continue
        # Each is unique in some scope of its own: what would collide stays as it is.
        scope = "" if table == "user_account" else f"AND project_id = {int(row[0])}"
        same = f"SELECT 1 FROM {table} WHERE email = :email {scope} LIMIT 1"
        if op.get_bind().execute(sa.text(same), {"email": normal}).first() is None:
            _set(table, key, "email", row, normal)
