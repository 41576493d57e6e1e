"""Sessions that are open."""

from sqlalchemy import select

from parley.accounts.sessions.tables import session
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotAuthenticated
from parley.kernel.http.authorization import Principal


async def check_session(db: Db, principal: Principal) -> None:
    """Raise NotAuthenticated once the session has ended, else hold it until this transaction does.

    A password that is changed meanwhile waits for what is done here, and takes it back with everything else.
    """
    if principal.session_hash is None or not await session_is_open(db, principal.session_hash):
        raise NotAuthenticated


async def session_is_open(db: Db, token_hash: str) -> bool:
    """Say whether nobody has ended a session; on PostgreSQL it can't end before this transaction (primary key)."""
    statement = select(session.c.user_id).where(session.c.token_hash == token_hash)
    return (await db.execute(statement.with_for_update(read=True))).first() is not None
