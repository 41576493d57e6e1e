"""Sessions that are open."""

from datetime import datetime

import msgspec
from sqlalchemy import func, select

from parley.accounts.sessions.tables import session
from parley.kernel.database.struct_columns import StructColumns
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


class Opening(msgspec.Struct, frozen=True):
    """Whose a session is, and when and how it was opened."""

    user_id: int
    created_at: datetime
    method: str


_OPENING = StructColumns(Opening, session)


async def opening_of(db: Db, token_hash: str) -> Opening | None:
    """Return how a session was opened (primary key)."""
    row = (await db.execute(select(*_OPENING.columns).where(session.c.token_hash == token_hash))).first()
    return _OPENING(row) if row else None


class OpenedSince(msgspec.Struct, frozen=True):
    """A session that is open; `token_hash` stays on the server."""

    token_hash: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    method: str
    address: str
    user_agent: str


_SEEN_AT = func.coalesce(session.c.last_seen_at, session.c.created_at)
_OPENED = StructColumns(OpenedSince, session, last_seen_at=_SEEN_AT)


async def sessions_of(db: Db, user_id: int, now: datetime, *, limit: int = 200) -> list[OpenedSince]:
    """Return the open sessions of a user, the one that was used last first (index on user_id)."""
    wanted = select(*_OPENED.columns).where(session.c.user_id == user_id, session.c.expires_at > now)
    rows = await db.execute(wanted.order_by(_SEEN_AT.desc(), session.c.token_hash).limit(limit))
    return [_OPENED(row) for row in rows]
