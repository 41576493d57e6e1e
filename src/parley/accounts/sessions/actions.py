"""Sessions of signed-in people: a random token in a cookie, its hash in the database."""

from datetime import datetime, timedelta

import structlog
from sqlalchemy import delete, insert, or_, update

from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.sessions.tables import MAX_ADDRESS, MAX_AGENT, session
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.http.cookies import OpenedSession
from parley.kernel.http.csrf import cookie_token
from parley.kernel.http.origin import NOWHERE, request_origin
from parley.kernel.ids import new_token, token_hash
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

LASTS = timedelta(days=14)
NOTED_EVERY = timedelta(hours=1)


async def open_session(
    db: Db, services: Services, user_id: int, *, method: str, authenticated_at: datetime | None = None
) -> OpenedSession:
    """Sign the user in. `method` is how they have proved who they are: `password`, `passkey`, `saml`, and so on.

    They have just done so, or did it at `authenticated_at`.
    """
    token, now, origin = new_token(), services.clock.now(), request_origin() or NOWHERE
    await db.execute(
        insert(session).values(
            token_hash=token_hash(token),
            user_id=user_id,
            created_at=now,
            expires_at=now + LASTS,
            authenticated_at=min(authenticated_at or now, now),
            last_seen_at=now,
            method=method,
            address=origin.address[:MAX_ADDRESS],
            user_agent=origin.user_agent[:MAX_AGENT],
        )
    )
    return session_of(services, token)


def session_of(services: Services, token: str) -> OpenedSession:
    """Return a session that was just opened, for the cookies of its browser."""
    return OpenedSession(token, cookie_token(services.vault, token), int(LASTS.total_seconds()))


async def note_session_use(services: Services, session_hash: str, last_seen_at: datetime | None) -> None:
    """Note that a session was used now, and from where, at most once an hour."""
    now = services.clock.now()
    if last_seen_at is not None and last_seen_at > now - NOTED_EVERY:
        return
    origin = request_origin() or NOWHERE
    stale = or_(session.c.last_seen_at.is_(None), session.c.last_seen_at <= now - NOTED_EVERY)
    seen = update(session).where(session.c.token_hash == session_hash, stale)
    try:
        async with services.database.transaction() as db:
            await db.execute(seen.values(last_seen_at=now, address=origin.address[:MAX_ADDRESS]))
    except Unavailable:
        # The database may be readable only; then the request goes on, and the use isn't recorded.
        log.warning("session_use_not_noted")


async def authenticate_again(db: Db, services: Services, session_hash: str) -> None:
    """Note that the user of a session has just proved once more who they are."""
    proved = update(session).where(session.c.token_hash == session_hash)
    await db.execute(proved.values(authenticated_at=services.clock.now()))
    invalidate_callers(db, services)


async def end_session(db: Db, services: Services, session_hash: str) -> None:
    """Sign one session out, in all processes."""
    await db.execute(delete(session).where(session.c.token_hash == session_hash))
    invalidate_callers(db, services)


async def end_sessions_of(db: Db, services: Services, user_id: int, *, but: str | None = None) -> int:
    """Sign a user out everywhere, except in the session whose hash is given; return how many ended."""
    ended = delete(session).where(session.c.user_id == user_id)
    if but is not None:
        ended = ended.where(session.c.token_hash != but)
    n_ended = (await db.execute(ended)).rowcount
    invalidate_callers(db, services)
    return n_ended


async def forget_expired_sessions(db: Db, now: datetime) -> int:
    """Delete the sessions that are over; return how many."""
    return (await db.execute(delete(session).where(session.c.expires_at <= now))).rowcount
