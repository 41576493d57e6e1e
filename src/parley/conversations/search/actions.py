"""What search looks through, as Python folds it, and care for its index (docs/decisions/0011-search.md).

Triggers keep the index. On SQLite they call the folding of Python. PostgreSQL can't: there an INSERT brings its folded
text along, an UPDATE is followed by one, and a job folds what a version before this one has written.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import SmallInteger, Table, bindparam, insert, literal_column, update
from sqlalchemy.types import Text

from parley.conversations.search.indexed_text import (
    FOLDING,
    TRAITS,
    TextKey,
    own_text,
)
from parley.conversations.search.queries import EMPTIED_LIST
from parley.conversations.search.tables import search_text
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.text.forms import folded

Traits = Mapping[str, Any]
_KEY = ("project_id", "about_id", "id")

_INSERT_TEXT = Prepared(
    insert(search_text).values(
        {name: bindparam(name, type_=search_text.c[name].type) for name in (*_KEY, "text")}
        | {"folding": literal_column(str(FOLDING), SmallInteger)}
    )
)


class IndexedInsert:
    """An INSERT of a row along with the text by which it is found."""

    def __init__(self, table: Table, values: Mapping[str, Any]) -> None:
        self._row = Prepared(insert(table).values(dict(values)))

    async def run(self, db: Db, about_id: UUID, text: str, **values: Any) -> None:
        """Insert a row; the folded text is found under `about_id`."""
        if text and db.dialect.name != "sqlite":
            own = {"project_id": values["project_id"], "about_id": about_id, "id": values["id"]}
            await db.write(_INSERT_TEXT, **own, text=text)
        await db.write(self._row, **values)


_FOLD = Prepared(
    update(search_text)
    .where(*(search_text.c[name] == bindparam(name, type_=search_text.c[name].type) for name in _KEY))
    .values(text=bindparam("folded", type_=Text()), folding=literal_column(str(FOLDING), SmallInteger))
)


async def index_text(db: Db, project_id: int, about_id: UUID, id: UUID, text: str) -> None:
    """Let a row be found, under `about_id`, by its new text."""
    if db.dialect.name != "sqlite":
        await db.rows(_FOLD, project_id=project_id, about_id=about_id, id=id, folded=folded(text))


async def index_ticket(
    db: Db, project_id: int, ticket_id: UUID, before: Traits, after: Traits, subject: str | None
) -> None:
    """Let a ticket be found by its own words after its traits have changed."""
    if db.dialect.name != "sqlite" and any(before.get(name) != after.get(name) for name in TRAITS):
        text = own_text(after, subject)
        await db.rows(_FOLD, project_id=project_id, about_id=ticket_id, id=ticket_id, folded=text)


async def index_folded(db: Db, texts: Mapping[TextKey, str]) -> None:
    """Store these texts, which are folded, in the place of what the database has folded."""
    await db.each(
        _FOLD, [dict(zip(_KEY, key, strict=True)) | {"folded": text} for key, text in texts.items()]
    )


async def tidy_index(db: Db) -> int:
    """Sort what waits at PostgreSQL's index into it; return how many pages that were. SQLite's index has no such list."""
    if db.dialect.name == "sqlite":
        return 0
    row = await db.row(EMPTIED_LIST)
    assert row is not None  # a SELECT without FROM
    pages: int = row[0]
    return pages
