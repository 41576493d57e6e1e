"""The browsers in which somebody is signed in, as they see them, and signing these out."""

from datetime import datetime

import msgspec

from parley.accounts.audit_log.actions import record_for_user
from parley.accounts.sessions.actions import end_session, end_sessions_of
from parley.accounts.sessions.queries import OpenedSince, sessions_of
from parley.accounts.sessions.rules import browser_of
from parley.kernel.database.transaction import Db
from parley.kernel.errors import NotFound
from parley.kernel.http.authorization import Principal
from parley.kernel.secrets import Vault
from parley.kernel.services import Services


class SessionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A browser in which the caller is signed in; `last_seen_at` is at most an hour late."""

    id: str
    created_at: datetime
    last_seen_at: datetime
    expires_at: datetime
    method: str
    address: str
    user_agent: str
    browser: str
    is_current: bool


async def own_sessions(db: Db, services: Services, principal: Principal) -> list[SessionOut]:
    """Return the caller's sessions, this one first and then by their last use."""
    found = await sessions_of(db, principal.user_id, services.clock.now())
    shown = [_shown(services.vault, principal, one) for one in found]
    return sorted(shown, key=lambda one: not one.is_current)


def _shown(vault: Vault, principal: Principal, one: OpenedSince) -> SessionOut:
    return SessionOut(
        id=_id_of(vault, one.token_hash),
        created_at=one.created_at,
        last_seen_at=one.last_seen_at,
        expires_at=one.expires_at,
        method=one.method,
        address=one.address,
        user_agent=one.user_agent,
        browser=browser_of(one.user_agent),
        is_current=one.token_hash == principal.session_hash,
    )


def _id_of(vault: Vault, session_hash: str) -> str:
    """Name a session for its owner without telling the hash that is stored."""
    return vault.signature("session-id", session_hash)[:32]


async def end_own_session(db: Db, services: Services, principal: Principal, session_id: str) -> None:
    """Sign the caller out in one browser; raises NotFound."""
    found = await sessions_of(db, principal.user_id, services.clock.now(), limit=10_000)
    ended = next((one for one in found if _id_of(services.vault, one.token_hash) == session_id), None)
    if ended is None:
        raise NotFound
    await end_session(db, services, ended.token_hash)
    await record_for_user(
        db, services, principal.user_id, "session.revoked", after={"address": ended.address}
    )


async def end_other_sessions(db: Db, services: Services, principal: Principal) -> int:
    """Sign the caller out in every other browser; return how many there were."""
    n_ended = await end_sessions_of(db, services, principal.user_id, but=principal.session_hash)
    if n_ended:
        await record_for_user(db, services, principal.user_id, "session.revoked", after={"sessions": n_ended})
    return n_ended
