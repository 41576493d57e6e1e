"""Tokens: fetched with a code, exchanged for new ones, and ended by the program that has them."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import delete, insert, or_, update

from parley.accounts.audit_log.actions import NOBODY
from parley.accounts.caller_cache import invalidate_callers
from parley.accounts.memberships.queries import joined_at_of
from parley.accounts.oauth_server.actions.ending import end_grant, end_stolen_grant
from parley.accounts.oauth_server.actions.granting import keep_application
from parley.accounts.oauth_server.queries.applications import application_by_id
from parley.accounts.oauth_server.queries.grants import grant_by_code, token_by_hash
from parley.accounts.oauth_server.rules.coverage import covered_by_grant
from parley.accounts.oauth_server.rules.lifetimes import ACCESS_TOKEN, REFRESH_TOKEN
from parley.accounts.oauth_server.schemas import Grant, ProtocolAnswer
from parley.accounts.oauth_server.tables import oauth_grant, oauth_token
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.ids import token_hash
from parley.kernel.services import Services

if TYPE_CHECKING:
    from parley.accounts.oauth_server.protocol.server import KnownFacts, Pairs, ProtocolRequest

log = structlog.get_logger(__name__)

NOTED_EVERY = timedelta(hours=1)


async def answer_token_request(services: Services, pairs: "Pairs", authorization: str) -> ProtocolAnswer:
    """Give a program the tokens that it may have, or an answer that says why not.

    A code or a refresh token that comes a second time ends what was granted, whoever sends it. That is stored although the
    request is refused.
    """
    from parley.accounts.oauth_server.protocol.answers import token_answer
    from parley.accounts.oauth_server.protocol.server import ProtocolRequest

    asked = ProtocolRequest("POST", pairs, authorization)
    async with services.database.transaction() as db:
        is_code = asked.form.get("grant_type") == "authorization_code"
        known = await _known(db, services, asked, "code" if is_code else "refresh_token")
        grant = await _living(db, known)
        answer = token_answer(known, asked)
        if known.issued is not None and grant is not None:
            await _store(db, services, known, grant)
            limits = {name: getattr(grant, name) for name in ("scoped_teams", "scoped_organizations")}
            return ProtocolAnswer(answer.status, {**answer.body, **limits}, answer.headers)
        await _end_if_stolen(db, services, known)
    return answer


async def _known(db: Db, services: Services, asked: "ProtocolRequest", name: str) -> "KnownFacts":
    """Read the program of a request, and the code or token in the parameter of this name.

    Who sends a token knows it, so nothing is told that they don't know.
    """
    from parley.accounts.oauth_server.protocol.server import KnownFacts

    known = KnownFacts(
        issuer=services.settings.site_url,
        now=services.clock.now(),
        application=await application_by_id(db, asked.client_name),
    )
    named = asked.form.get(name)
    if named and name == "code":
        known.grant = await grant_by_code(db, token_hash(named))
    elif named:
        known.token = await token_by_hash(db, token_hash(named))
    return known


async def _living(db: Db, known: "KnownFacts") -> Grant | None:
    """Return the grant of the request; none, for the protocol as well, once its user has gone or left all it reaches."""
    grant = known.token.grant if known.token else known.grant
    if grant is None:
        return None
    joined = await joined_at_of(db, grant.user_id)
    if grant.user_is_active and covered_by_grant(grant.covered_organizations, grant.created_at, joined):
        return grant
    known.grant = known.token = None
    return None


async def _store(db: Db, services: Services, known: "KnownFacts", grant: Grant) -> None:
    assert known.issued is not None
    now, issued = known.now, known.issued
    if known.token is None:
        used = update(oauth_grant).where(oauth_grant.c.id == grant.id)
        await db.execute(used.values(code_used_at=now))
    else:
        spent = update(oauth_token).where(oauth_token.c.token_hash == known.token.token_hash)
        await db.execute(spent.values(used_at=now))
    until = now + REFRESH_TOKEN
    row: Mapping[str, Any] = {"grant_id": grant.id, "scopes": issued["scope"].split(), "created_at": now}
    rows = [
        {
            **row,
            "kind": "access",
            "token_hash": token_hash(issued["access_token"]),
            "expires_at": now + ACCESS_TOKEN,
        },
        {**row, "kind": "refresh", "token_hash": token_hash(issued["refresh_token"]), "expires_at": until},
    ]
    await db.execute(insert(oauth_token), rows)
    await db.execute(update(oauth_grant).where(oauth_grant.c.id == grant.id).values(expires_at=until))
    await keep_application(db, services, grant.application_id)


async def _end_if_stolen(db: Db, services: Services, known: "KnownFacts") -> None:
    if known.token is not None and known.token.kind == "refresh" and known.token.used_at is not None:
        grant, what = known.token.grant, "refresh token"
    elif known.grant is not None and known.grant.code_used_at is not None:
        grant, what = known.grant, "code"
    else:
        return
    log.warning("oauth_reuse_detected", application=grant.application_id, what=what)
    await end_stolen_grant(db, services, grant.user_id, grant.id, what)


async def answer_revocation(services: Services, pairs: "Pairs", authorization: str) -> ProtocolAnswer:
    """End what a program was granted when it gives back one of its tokens (RFC 7009); an unknown token is no error.

    An access token ends alone; with a refresh token everything ends that came of the same grant.
    """
    from parley.accounts.oauth_server.protocol.answers import revocation_answer
    from parley.accounts.oauth_server.protocol.server import ProtocolRequest

    asked = ProtocolRequest("POST", pairs, authorization)
    async with services.database.transaction() as db:
        known = await _known(db, services, asked, "token")
        answer = revocation_answer(known, asked)
        if known.is_revoked and known.token is not None:
            await _revoke(db, services, known)
    return answer


async def _revoke(db: Db, services: Services, known: "KnownFacts") -> None:
    assert known.token is not None
    token, grant = known.token, known.token.grant
    if token.kind == "refresh":
        await end_grant(db, services, grant.user_id, grant.id, by=NOBODY)
        return
    over = update(oauth_token).where(oauth_token.c.token_hash == token.token_hash)
    await db.execute(over.values(expires_at=known.now))
    invalidate_callers(db, services)


async def record_grant_use(services: Services, grant_id: str, last_used_at: datetime | None) -> None:
    """Note that a program has used its access now, at most once an hour."""
    now = services.clock.now()
    if last_used_at is not None and last_used_at > now - NOTED_EVERY:
        return
    stale = or_(oauth_grant.c.last_used_at.is_(None), oauth_grant.c.last_used_at <= now - NOTED_EVERY)
    used = update(oauth_grant).where(oauth_grant.c.id == grant_id, stale)
    try:
        async with services.database.transaction() as db:
            await db.execute(used.values(last_used_at=now))
    except Unavailable:
        # The database may be readable only; then the request goes on, and the use isn't recorded.
        log.warning("grant_use_not_noted")


async def forget_expired_tokens(db: Db, services: Services) -> int:
    """Delete tokens that are over; return how many. A spent refresh token stays as long as a thief could try it."""
    over = delete(oauth_token).where(oauth_token.c.expires_at <= services.clock.now())
    return (await db.execute(over)).rowcount
