"""What search finds tickets by, folded again where only the database has folded it (docs/decisions/0011-search.md)."""

from collections.abc import Sequence
from typing import Any

from parley.conversations.search.actions import index_folded
from parley.conversations.search.indexed_text import own_text
from parley.conversations.search.queries import unfolded_texts
from parley.conversations.ticket_list.queries.folding import unfolded_comments, unfolded_tickets
from parley.kernel.database.transaction import Db
from parley.kernel.text.forms import folded

FOLD_BATCH = 500


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
    await index_folded(db, {key: texts.get((key[0], key[2]), "") for key in map(tuple, keys)})
    return len(keys)
