"""What the cache remembers of a project's tickets, until one of them changes: counts of lists, and of unread messages."""

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
