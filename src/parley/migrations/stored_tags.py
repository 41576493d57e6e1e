"""Bringing stored tags into a normal form, wherever a tag is stored.

Only rows with more than printed ASCII are read, and only those that differ are written. Filters of views are brought into
the normal form each time that they are read, and stay as they were sent.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

from parley.kernel.database.columns import Json

NormalTag = Callable[[str], str]

BATCH = 1_000
MAX_TAG_LENGTH = 255
LISTS = ("insight", "dashboard", "article")
SETTING: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("quick_action", ("project_id", "id")),
    ("message_draft", ("project_id", "user_id", "ticket_id")),
    ("held_reply", ("project_id", "id")),
)


def rewrite_tags(normal_tag: NormalTag) -> None:
    """Bring the tags into the form that the function returns; safe to run again."""
    _tags_of_tickets(normal_tag)
    for table in LISTS:
        _json(normal_tag, table, ("project_id", "id"), "tags")
    for table, key in SETTING:
        _json(normal_tag, table, key, "actions")
    _triggers(normal_tag)


def _differs(column: str) -> str:
    """Return the condition for texts with more than printed ASCII; in JSON that is written as `\\u...`."""
    if op.get_bind().dialect.name == "postgresql":
        return f"""(({column}) COLLATE "C") ~ '[^ -~]'"""
    return f"{column} GLOB '*[^ -~]*'"


def _tags_of_tickets(normal_tag: NormalTag) -> None:
    named = sa.text(f"SELECT DISTINCT project_id, name FROM ticket_tag WHERE {_differs('name')}")
    for project_id, name in op.get_bind().execute(named).all():
        normal = normal_tag(name)
        if normal == name or len(normal) > MAX_TAG_LENGTH:
            continue
        values = {"project_id": project_id, "name": name, "normal": normal}
        if normal:  # equal ones become one
            op.get_bind().execute(
                sa.text(
                    "INSERT INTO ticket_tag (project_id, ticket_id, name, merge_id)"
                    " SELECT project_id, ticket_id, :normal, merge_id FROM ticket_tag"
                    " WHERE project_id = :project_id AND name = :name ON CONFLICT DO NOTHING"
                ),
                values,
            )
            # What the ticket had itself stays when the merge that brought the other one is undone.
            op.get_bind().execute(
                sa.text(
                    "UPDATE ticket_tag SET merge_id = NULL WHERE project_id = :project_id AND name = :normal"
                    " AND ticket_id IN (SELECT ticket_id FROM ticket_tag"
                    " WHERE project_id = :project_id AND name = :name AND merge_id IS NULL)"
                ),
                values,
            )
        gone = "DELETE FROM ticket_tag WHERE project_id = :project_id AND name = :name"
        op.get_bind().execute(sa.text(gone), {"project_id": project_id, "name": name})


def _json(normal_tag: NormalTag, table: str, key: tuple[str, ...], column: str) -> None:
    """Rewrite lists of tags: a column that is one, or that has one as `tags`."""
    written = f"CAST({column} AS TEXT)"
    condition = f"({_differs(written)} OR {written} LIKE '%\\u%')"
    read = sa.table(table, *(sa.column(name) for name in key), sa.column(column, Json))
    for row in list(_rows(table, key, column, condition)):
        value = json.loads(row[-1]) if isinstance(row[-1], str) else row[-1]
        after = _normal(normal_tag, value)
        if after != value:
            mine = [sa.column(name) == row[place] for place, name in enumerate(key)]
            op.get_bind().execute(sa.update(read).where(*mine).values({column: after}))


def _normal(normal_tag: NormalTag, value: Any) -> Any:
    if isinstance(value, dict) and isinstance(value.get("tags"), list):
        return {**value, "tags": _normal_list(normal_tag, value["tags"])}
    return _normal_list(normal_tag, value) if isinstance(value, list) else value


def _normal_list(normal_tag: NormalTag, tags: Sequence[Any]) -> list[str]:
    found = {normal_tag(one) for one in tags if isinstance(one, str)}
    return sorted(one for one in found if 0 < len(one) <= MAX_TAG_LENGTH)


def _rows(table: str, key: tuple[str, ...], column: str, condition: str) -> Iterator[Any]:
    """Yield the rows of a table in the order of its key, some at a time."""
    keys, last = ", ".join(key), None
    while True:
        after = "" if last is None else f"AND ({keys}) > ({', '.join(f':{name}' for name in key)})"
        statement = sa.text(
            f"SELECT {keys}, {column} FROM {table} WHERE {condition} {after} ORDER BY {keys} LIMIT {BATCH}"
        )
        rows = op.get_bind().execute(statement, last or {}).all()
        yield from rows
        if len(rows) < BATCH:
            return
        last = dict(zip(key, rows[-1], strict=False))


def _triggers(normal_tag: NormalTag) -> None:
    """Conversion rules kept a tag as it was typed, also in capitals, so that no ticket ever had it."""
    rule = sa.table(
        "linkedin_conversion_rule",
        *map(sa.column, ("project_id", "id", "trigger", "trigger_value")),
    )
    found = sa.select(rule).where(rule.c.trigger == "ticket_tagged")
    for row in op.get_bind().execute(found).all():
        normal = normal_tag(row.trigger_value)
        if normal != row.trigger_value and 0 < len(normal) <= 200:
            mine = (rule.c.project_id == row.project_id, rule.c.id == row.id)
            op.get_bind().execute(sa.update(rule).where(*mine).values(trigger_value=normal))
