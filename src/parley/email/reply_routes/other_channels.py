"""What channels of features above say of answers that would not get out: those features register here."""

from collections.abc import Awaitable, Callable
from uuid import UUID

from parley.kernel.database.transaction import Db

Hindrance = Callable[[Db, int, UUID], Awaitable[str | None]]
"""Says, as a sentence, why an answer on a ticket (project, id) would not be sent; None where nothing stands in its way."""
_HINDRANCES: dict[str, Hindrance] = {}


def tell_hindrances(channel_source: str, hindrance: Hindrance) -> None:
    """Let writers of answers on tickets of a channel be told. Doing it twice changes nothing."""
    _HINDRANCES[channel_source] = hindrance


async def hindrance_of(db: Db, project_id: int, ticket_id: UUID, channel_source: str) -> str | None:
    """Return why an answer on a ticket would not be sent; None for channels that say nothing."""
    ask = _HINDRANCES.get(channel_source)
    return await ask(db, project_id, ticket_id) if ask else None
