"""Whom a private note mentions."""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from parley.conversations.messages.tables import note_mention
from parley.kernel.database.dialect import insert_for
from parley.kernel.database.transaction import Db


async def store_mentions(
    db: Db, project_id: int, comment_id: UUID, user_ids: Iterable[int], now: datetime
) -> None:
    """Remember whom a note mentions; safe to repeat."""
    about = {"project_id": project_id, "comment_id": comment_id, "created_at": now}
    rows = [{**about, "user_id": user_id} for user_id in sorted(user_ids)]
    if rows:
        await db.execute(insert_for(db.dialect, note_mention).values(rows).on_conflict_do_nothing())
