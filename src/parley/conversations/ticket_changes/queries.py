"""What the cache remembers of a project's tickets, until one of them changes, and what is kept of unread messages."""

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Uuid, func, select

from parley.conversations.ticket_changes.tables import unread_tally
from parley.kernel.redis.cache import Cache

COUNT_LASTS_S = 10.0
CHANGE_LASTS_S = 6 * COUNT_LASTS_S
"""Longer than any count lasts that was remembered before the change."""


def change_key(project_id: int) -> str:
    """Return the key under which the cache holds another text after each change of the project's tickets."""
    return f"tickets_changed:{project_id}"


async def last_change(cache: Cache, project_id: int) -> str:
    """Return the text that stands for the last change.

    To be read before what is counted is looked at: what is committed in between then counts as another change.
    """
    return (await cache.get(change_key(project_id)) or b"-").decode()


def unread_key(project_id: int) -> str:
    """Return the key under which the cache holds how many messages the team hasn't read."""
    return f"unread:{project_id}"


def projects_of_several_rows() -> Select[Any]:
    """Select the projects of which the number of unread messages is in more than one row (all of unread_tally)."""
    project_id = unread_tally.c.project_id
    return select(project_id).group_by(project_id).having(func.count() > 1)


def sums_by_project(project_id: ColumnElement[int], n_unread: ColumnElement[int]) -> Select[int, UUID, int]:
    """Select a row for each project that the columns have rows of, with their sum; none where that is nothing."""
    total = func.sum(n_unread)
    return (
        select(project_id, func.gen_random_uuid(type_=Uuid()), total).group_by(project_id).having(total != 0)
    )
