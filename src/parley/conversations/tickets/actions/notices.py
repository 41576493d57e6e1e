"""What others hear of a change, once it is committed."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from parley.conversations.change_feed.actions.noting import note
from parley.conversations.change_feed.schemas import Noted
from parley.conversations.tickets.queries.remembered import CHANGE_LASTS_S, change_key, unread_key
from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services
from parley.kernel.ids import new_token
from parley.kernel.redis.cache import Cache


def forget_unread_count(db: Db, services: Services, project_id: int) -> None:
    """Have the number of unread messages counted anew."""
    db.after_commit(partial(services.cache.delete, unread_key(project_id)))


def tell(db: Db, services: Services, project_id: int, name: str, **data: Any) -> None:
    """Tell open pages, and the stream of the API, that something happened to a ticket: `ticket_id` and `number`.

    What happened to a message names it as `message_id`, too.
    """
    _note(db, project_id, name, services.clock.now(), data)
    db.before_commit(_count_anew, (services.cache, project_id))
    db.after_commit(partial(services.live.publish, f"project:{project_id}", name, **_shown(data)))


async def _count_anew(db: Db, changed: Sequence[tuple[Cache, int]]) -> None:
    """Have the counts of lists forgotten, once for all changes of the transaction."""
    for cache, project_id in dict.fromkeys(changed):
        db.after_commit(partial(cache.set, change_key(project_id), new_token().encode(), CHANGE_LASTS_S))


def _note(db: Db, project_id: int, name: str, at: datetime, data: dict[str, Any]) -> None:
    note(db, Noted(project_id, name, data["ticket_id"], data["number"], data.get("message_id"), at))


def _shown(data: dict[str, Any]) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, UUID) else value for key, value in data.items()}
