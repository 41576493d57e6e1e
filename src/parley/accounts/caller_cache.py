"""How other parts of the program, in all processes, learn that accounts changed."""

from functools import partial

from parley.kernel.database.transaction import Db
from parley.kernel.http.dependencies import Services


def tell_accounts_changed(db: Db, services: Services) -> None:
    """Once this transaction is committed, have whatever remembers principals and projects forget them."""
    db.after_commit(partial(services.live.publish, "accounts", "changed"))
