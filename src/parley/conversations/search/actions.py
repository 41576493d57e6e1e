"""What search looks through, as Python folds it, and care for its index (docs/decisions/0011-search.md).

Triggers keep the index. On SQLite they call the folding of Python. PostgreSQL can't: there an INSERT brings its folded
text along, an UPDATE is followed by one, and a job folds what a version before this one has written.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID

import msgspec
from sqlalchemy import SmallInteger, Table, bindparam, insert, literal_column, update
from sqlalchemy.sql.schema import ScalarElementColumnDefault
from sqlalchemy.types import Text

from parley.conversations.search.queries import (
    EMPTIED_LIST,
    FOLDING,
    GIVEN_TEXT,
    NO_TICKET,
    SUBJECT,
    unfolded_comments,
    unfolded_texts,
    unfolded_tickets,
)
from parley.conversations.tickets.rules import MESSAGE_SCOPE
from parley.conversations.tickets.tables import search_text
from parley.kernel.database.prepared import Prepared
from parley.kernel.database.transaction import Db
from parley.kernel.text.forms import folded

SEPARATOR = "\x1f"
FOLD_BATCH = 500
NAMES = ("name", "email")
"""The traits by which a ticket is found."""
_KEY = ("project_id", "about_id", "id")


def own_text(traits: Mapping[str, Any], subject: str | None) -> str:
    """Return what a ticket is found by itself, its parts apart by a character that folding leaves in no text."""
    words = (*(_words(traits.get(name)) for name in NAMES), subject or "")
    return SEPARATOR.join(text for text in map(folded, words) if text)


def _words(value: Any) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    return msgspec.json.encode(value).decode()


def about_of(scope: str, ticket_id: UUID | None) -> UUID:
    """Return under what a comment is found: messages under their ticket, others by themselves."""
    return ticket_id if scope == MESSAGE_SCOPE and ticket_id else NO_TICKET


class IndexedInsert:
    """An INSERT of a row along with the text by which it is found, in one statement."""

    def __init__(self, table: Table, values: Mapping[str, Any]) -> None:
        # The defaults of columns don't reach a statement within which another one stands.
        defaults = {
            one.name: one.default.arg
            for one in table.c
            if isinstance(one.default, ScalarElementColumnDefault)
        }
        statement = insert(table).values(defaults | dict(values))
        self._plain = Prepared(statement)
        text = insert(search_text).from_select([*_KEY, "text", "folding"], GIVEN_TEXT)
        self._with_text = Prepared(statement.add_cte(text.cte("indexed")))

    async def run(self, db: Db, about_id: UUID, text: str, **values: Any) -> None:
        """Insert a row; the folded text is found under `about_id`."""
        if db.dialect.name == "sqlite":
            await db.rows(self._plain, **values)
        else:
            own = {"in_project": values["project_id"], "about_id": about_id, "text_id": values["id"]}
            await db.rows(self._with_text, **own, folded=text, **values)


_FOLD = Prepared(
    update(search_text)
    .where(*(search_text.c[name] == bindparam(name, type_=search_text.c[name].type) for name in _KEY))
    .values(text=bindparam("folded", type_=Text()), folding=literal_column(str(FOLDING), SmallInteger))
)


class _Comment(Protocol):
    @property
    def id(self) -> UUID: ...
    @property
    def scope(self) -> str: ...
    @property
    def ticket_id(self) -> UUID | None: ...


_Traits = Mapping[str, Any]


async def index_comment(db: Db, project_id: int, changed: _Comment, content: str) -> None:
    """Let a comment be found by its new content."""
    about_id = about_of(changed.scope, changed.ticket_id)
    await _fold(db, project_id=project_id, about_id=about_id, id=changed.id, folded=folded(content))


async def index_ticket(db: Db, project_id: int, ticket_id: UUID, before: _Traits, after: _Traits) -> None:
    """Let a ticket be found by its own words after its traits have changed."""
    if all(before.get(name) == after.get(name) for name in NAMES) or db.dialect.name == "sqlite":
        return
    row = await db.row(SUBJECT, project_id=project_id, ticket_id=ticket_id)
    text = own_text(after, row[0] if row else None)
    await _fold(db, project_id=project_id, about_id=ticket_id, id=ticket_id, folded=text)


async def _fold(db: Db, **values: Any) -> None:
    if db.dialect.name != "sqlite":
        await db.rows(_FOLD, **values)


async def fold_some(db: Db) -> int:
    """Fold some of the texts that only the database has folded; return how many. What is locked waits for the next run."""
    if db.dialect.name == "sqlite":
        return 0
    keys: Sequence[Any] = (await db.execute(unfolded_texts(FOLD_BATCH))).all()
    if not keys:
        return 0
    comments: Sequence[Any] = (await db.execute(unfolded_comments(keys))).all()
    tickets: Sequence[Any] = (await db.execute(unfolded_tickets(keys))).all()
    texts = {(project_id, id): folded(content) for project_id, id, content in comments}
    texts |= {(project_id, id): own_text(traits, subject) for project_id, id, traits, subject in tickets}
    values = [dict(zip(_KEY, key, strict=True)) | {"folded": texts.get((key[0], key[2]), "")} for key in keys]
    await db.each(_FOLD, values)
    return len(keys)


async def tidy_index(db: Db) -> int:
    """Sort what waits at PostgreSQL's index into it; return how many pages that were. SQLite's index has no such list."""
    if db.dialect.name == "sqlite":
        return 0
    row = await db.row(EMPTIED_LIST)
    assert row is not None  # a SELECT without FROM
    pages: int = row[0]
    return pages
