"""What others hear of a change, once it is committed."""

from functools import partial
from typing import Any
from uuid import UUID

from parley.kernel.db import Db
from parley.kernel.dependencies import Services
from parley.tickets.queries.unread import unread_key


def forget_unread_count(db: Db, services: Services, project_id: int) -> None:
    """Have the number of unread messages counted anew."""
    db.after_commit(partial(services.cache.delete, unread_key(project_id)))


def tell(db: Db, services: Services, project_id: int, name: str, **data: Any) -> None:
    """Tell the open pages of the project that something happened to a ticket."""
    shown = {key: str(value) if isinstance(value, UUID) else value for key, value in data.items()}
    db.after_commit(partial(services.live.publish, f"project:{project_id}", name, **shown))
