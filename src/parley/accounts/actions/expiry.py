"""Forgetting what has expired."""

from datetime import datetime, timedelta

from sqlalchemy import delete

from parley.accounts.tables import invite, password_reset, session
from parley.kernel.database.transaction import Db

INVITES_SHOWN = timedelta(days=30)  # for so long a list of invitations shows one that expired


async def forget_expired(db: Db, now: datetime) -> int:
    """Delete sessions, reset links and old invitations; return how many."""
    ended = [
        delete(session).where(session.c.expires_at <= now),
        delete(password_reset).where(password_reset.c.expires_at <= now),
        delete(invite).where(invite.c.expires_at <= now - INVITES_SHOWN),
    ]
    return sum([(await db.execute(statement)).rowcount for statement in ended])
