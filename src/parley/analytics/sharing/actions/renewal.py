"""New links for shares after the server's key was lost."""

from sqlalchemy import update

from parley.analytics.sharing.actions.configurations import new_link
from parley.analytics.sharing.queries.configurations import all_links
from parley.analytics.sharing.tables import sharing_configuration
from parley.kernel.database.transaction import Db
from parley.kernel.services import Services


async def renew_unreadable_links(db: Db, services: Services) -> int:
    """Give shares whose link can't be read another one; return how many. Safe to run twice.

    The links before are dead: nobody could see them any more, or switch them off.
    """
    columns, n_renewed = sharing_configuration.c, 0
    for project_id, id, sealed in await all_links(db):
        if services.vault.can_decrypt(sealed):
            continue
        mine = (columns.project_id == project_id, columns.id == id)
        await db.execute(update(sharing_configuration).where(*mine).values(**new_link(services.vault)))
        n_renewed += 1
    return n_renewed
