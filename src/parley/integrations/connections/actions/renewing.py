"""Tokens are renewed when half of their life is over, by one at a time."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic
from typing import TypeVar

import structlog
from sqlalchemy import or_, update

from parley.integrations.connections.actions.consenting import app_of
from parley.integrations.connections.actions.state import clear_errors, mark_failed
from parley.integrations.connections.actions.tokens import (
    TokenAnswer,
    TokensRefused,
    ask_for_tokens,
    facts_in,
    secrets_in,
)
from parley.integrations.connections.errors import (
    CredentialsRejected,
    KindNotConfigured,
    KindNotSupported,
    TokenNotRefreshed,
    UpstreamFailed,
)
from parley.integrations.connections.kinds import kind_by_name
from parley.integrations.connections.queries.connected import connected, connected_or_none
from parley.integrations.connections.queries.integrations import integration_key
from parley.integrations.connections.rules import half_life
from parley.integrations.connections.schemas import Connected
from parley.integrations.connections.sealing import sealed
from parley.integrations.connections.tables import integration
from parley.kernel.errors import Throttled, Unavailable
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
"""So long nobody else renews the same token; longer than any call takes. After a kill the next one tries then, while
services that hand out a new refresh token each time still take the old one, as far as they do that at all."""
STORING_S, STORING_PAUSE_S = 40.0, 0.5
"""So long new tokens are kept in memory where the database can't store them; shorter than LEASE."""
AGAIN_AFTER_SILENCE, AGAIN_AFTER_REFUSAL = timedelta(minutes=5), timedelta(hours=1)
T = TypeVar("T")


async def used(services: Services, one: Connected, use: Callable[[Connected], Awaitable[T]]) -> T:
    """Return what `use` makes of the account with a token that is good; call services only through this.

    Where the service rejects the token, it is renewed and `use` is called once more. Raises TokenNotRefreshed, and
    CredentialsRejected after it is noted on the account; a success clears what was noted.
    """
    one = await with_fresh_token(services, one)
    try:
        found = await use(one)
    except CredentialsRejected:
        renewed = await _renewed_or_none(services, one)
        if renewed is None:
            await _note_rejection(services, one)
            raise
        one = renewed
        try:
            found = await use(one)
        except CredentialsRejected:
            await _note_rejection(services, one)
            raise
    if one.errors:
        async with services.database.transaction() as db:
            await clear_errors(db, one)
    return found


async def _note_rejection(services: Services, one: Connected) -> None:
    async with services.database.transaction() as db:
        await mark_failed(db, one, services.clock.now() + AGAIN_AFTER_REFUSAL)


async def _renewed_or_none(services: Services, one: Connected) -> Connected | None:
    if not one.secrets.get("refresh_token"):
        return None
    try:
        return await renewed(services, one)
    except (TokenNotRefreshed, UpstreamFailed, Throttled):
        return None


async def with_fresh_token(services: Services, one: Connected) -> Connected:
    """Return the account, its token renewed where it is due; raises TokenNotRefreshed where that has failed."""
    if not one.secrets.get("refresh_token"):
        return one
    is_due = one.next_refresh_at is not None and one.next_refresh_at <= services.clock.now()
    if not is_due:
        if one.errors:
            raise TokenNotRefreshed
        return one
    return await renewed(services, one)


async def renewed(services: Services, one: Connected) -> Connected:
    """Return the account with a new token, whether it is due or not.

    A token that is still good is used further while the service is silent. Raises TokenNotRefreshed.
    """
    key = ("renew integration", one.project_id, one.id, one.refreshed_at)
    found: Connected = await services.flights.join(key, lambda: _renew(services, one))
    return found


async def renew_if_due(services: Services, project_id: int, id: int, due_at: datetime) -> None:
    """Renew a token, unless somebody has done it since `due_at`; a failure is noted on the account."""
    async with services.database.transaction() as db:
        one = await connected_or_none(db, services.vault, project_id, id)
        if one is None or one.refreshed_at > due_at:
            return
        if not one.secrets.get("refresh_token"):  # it can't be read any more
            await mark_failed(db, one)
            return
    with suppress(TokenNotRefreshed, Unavailable):
        await renewed(services, one)


async def _renew(services: Services, one: Connected) -> Connected:
    if not await _leased(services, one):
        return await _renewed_by_others(services, one)
    try:
        kind = kind_by_name(one.kind)
        _, app = app_of(services.settings, kind)
        fields = {"grant_type": "refresh_token", "refresh_token": one.secrets["refresh_token"]}
        answer = await ask_for_tokens(services, kind.title, app, one.project_id, fields)
    except (TokensRefused, KindNotConfigured, KindNotSupported) as error:
        async with services.database.transaction() as db:
            await mark_failed(db, one, services.clock.now() + AGAIN_AFTER_REFUSAL)
        raise TokenNotRefreshed from error
    except (UpstreamFailed, Throttled) as error:
        return await _after_silence(services, one, error)
    return await _stored(services, one, answer)


async def _leased(services: Services, one: Connected) -> bool:
    """Say whether it is our turn to renew the token. A lease that ends too late was made under a wrong clock."""
    c, now = integration.c, services.clock.now()
    is_free = or_(c.refreshing_until.is_(None), c.refreshing_until <= now, c.refreshing_until > now + LEASE)
    mine = (integration_key(one.project_id, one.id), c.refreshed_at == one.refreshed_at, is_free)
    async with services.database.transaction() as db:
        taken = await db.execute(update(integration).where(*mine).values(refreshing_until=now + LEASE))
    return bool(taken.rowcount)


async def _renewed_by_others(services: Services, one: Connected) -> Connected:
    now = await _read_again(services, one)
    if now.refreshed_at == one.refreshed_at and not _is_alive(services, now):
        raise Unavailable("The token of this integration is being renewed. Please try again in some seconds.")
    return now


async def _read_again(services: Services, one: Connected) -> Connected:
    async with services.database.transaction(write=False) as db:
        return await connected(db, services.vault, one.project_id, one.id, one.kind)


def _is_alive(services: Services, one: Connected) -> bool:
    """Say whether the token is good for some more time, as far as the service has said."""
    half = half_life(one.refreshed_at, one.config.get("expires_in"))
    return half is None or services.clock.now() < half + (half - one.refreshed_at)


async def _after_silence(services: Services, one: Connected, error: Exception) -> Connected:
    again = services.clock.now() + AGAIN_AFTER_SILENCE
    async with services.database.transaction() as db:
        if not _is_alive(services, one) or one.errors:
            await mark_failed(db, one, again)
        else:
            mine = (integration_key(one.project_id, one.id), integration.c.refreshed_at == one.refreshed_at)
            later = {"next_refresh_at": again, "refreshing_until": None}
            await db.execute(update(integration).where(*mine).values(later))
            return one
    raise TokenNotRefreshed from error


async def _stored(services: Services, one: Connected, answer: TokenAnswer) -> Connected:
    """Store the new tokens, unless the account was connected again or renewed meanwhile; return what is stored.

    The service may take the old refresh token no more, so that a database that is away for some seconds must not lose them.
    """
    now = services.clock.now()
    config = {**one.config, **facts_in(answer, now)}
    secrets = {**one.secrets, **secrets_in(answer)}
    values = {
        "config": config,
        "sensitive_config": sealed(services.vault, secrets),
        "errors": "",
        "refreshed_at": now,
        "next_refresh_at": half_life(now, config.get("expires_in")),
        "refreshing_until": None,
    }
    mine = (integration_key(one.project_id, one.id), integration.c.refreshed_at == one.refreshed_at)
    tries_until = monotonic() + STORING_S
    while True:
        try:
            async with services.database.transaction() as db:
                await db.execute(update(integration).where(*mine).values(values))
            break
        except Unavailable:
            if monotonic() > tries_until:
                raise
            log.warning("integration_token_not_stored_yet", project_id=one.project_id, id=one.id)
            await asyncio.sleep(STORING_PAUSE_S)
    log.info("integration_token_renewed", kind=one.kind, project_id=one.project_id, id=one.id)
    return await _read_again(services, one)
