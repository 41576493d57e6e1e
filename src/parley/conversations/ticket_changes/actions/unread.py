"""The number of messages that the team hasn't read, added up."""

from sqlalchemy import delete, insert

from parley.conversations.ticket_changes.queries import projects_of_several_rows, sums_by_project
from parley.conversations.ticket_changes.tables import unread_tally
from parley.kernel.database.transaction import Db

COLUMNS = ("project_id", "id", "n_unread")


async def fold_unread(db: Db) -> int:
    """Put one row in the place of all that a project has; return of how many projects. On SQLite there is only one.

    Whoever reads meanwhile sees either all of them or the sum. What is added meanwhile stays for the next run. A project
    that has been deleted comes to nothing, and is left without a row.
    """
    if db.dialect.name == "sqlite":
        return 0
    tally = unread_tally.c
    several = tally.project_id.in_(projects_of_several_rows())
    gone = delete(unread_tally).where(several).returning(tally.project_id, tally.n_unread).cte("gone")
    added = insert(unread_tally).from_select(COLUMNS, sums_by_project(gone.c.project_id, gone.c.n_unread))
    return len((await db.execute(added.returning(tally.project_id))).all())
