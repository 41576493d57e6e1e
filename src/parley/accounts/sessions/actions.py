"""Sessions of signed-in people: a random token in a cookie, its hash in the database."""

from datetime import datetime, timedelta

from sqlalchemy import delete, insert

from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.sessions.tables import session
from parley.kernel.database.transaction import Db
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.ids import new_token, token_hash
from parley.kernel.services import Services

LASTS = timedelta(days=14)


async def open_session(db: Db, services: Services, user_id: int) -> OpenedSession:
    """Sign the user in."""
    token, now = new_token(), services.clock.now()
    await db.execute(
        insert(session).values(
            token_hash=token_hash(token), user_id=user_id, created_at=now, expires_at=now + LASTS
        )
    )
    return OpenedSession(token, services.vault.signature("csrf", token), int(LASTS.total_seconds()))


async def end_session(db: Db, services: Services, session_hash: str) -> None:
    """Sign one session out, in all processes."""
    await db.execute(delete(session).where(session.c.token_hash == session_hash))
    invalidate_callers(db, services)


async def end_sessions_of(db: Db, services: Services, user_id: int, *, but: str | None = None) -> None:
    """Sign a user out everywhere, except in the session whose hash is given."""
    ended = delete(session).where(session.c.user_id == user_id)
    if but is not None:
        ended = ended.where(session.c.token_hash != but)
    await db.execute(ended)
    invalidate_callers(db, services)


async def forget_expired_sessions(db: Db, now: datetime) -> int:
    """Delete the sessions that are over; return how many."""
    return (await db.execute(delete(session).where(session.c.expires_at <= now))).rowcount
