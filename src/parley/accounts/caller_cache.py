"""How all processes learn that what they have cached of callers and projects is out of date."""

from functools import partial

from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


def invalidate_callers(db: Db, services: Services) -> None:
    """Empty the caches of principals and projects, in all processes, once this transaction is committed."""
    db.after_commit(partial(services.live.publish, "accounts", "changed"))
