"""Somebody goes to the consent page of a service, and comes back with a code.

What comes back belongs to the session in which it began, or to the user whose key has begun it: a `state` is stored as a
hash, lasts ten minutes and works once. So nobody has their account connected to the project of somebody else. A key that
may only read knows the `state`, too: no browser finishes what it has begun, or a link would connect its holder's account.
"""

from datetime import datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import msgspec
from sqlalchemy import delete, insert

from parley.integrations.connections.actions.tokens import TokenAnswer, account_with_tokens, ask_for_tokens
from parley.integrations.connections.errors import KindNotConfigured, KindNotSupported
from parley.integrations.connections.kinds import IntegrationKind, OAuthApp, OAuthProvider, OutsideAccount
from parley.integrations.connections.tables import integration_request
from parley.kernel.config.settings import Settings
from parley.kernel.database.columns import is_open
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Invalid
from parley.kernel.http.authorization import Actor, Principal
from parley.kernel.ids import token_hash
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, Limit

LASTS = timedelta(minutes=10)
PER_USER = Limit("integration-consents", 60, HOUR_S)
NO_SESSION = ""
"""In place of a session's hash: only a key that may connect finishes it, none of the user's browsers."""
LONGEST_CODE = 4000
LONGEST_STATE = 4000
LOOPBACK = ("localhost", "127.0.0.1", "::1")
TOO_LATE = (
    "This connection is too old, was finished already, or was begun by somebody else or in another browser. "
    "Please begin again."
)


class Consent(msgspec.Struct, frozen=True):
    """Where the browser goes, and the token of the state, for a cookie."""

    url: str
    token: str


class Begun(msgspec.Struct, frozen=True, kw_only=True):
    """A consent that has come back to who began it."""

    project_id: int
    kind: str
    next_path: str


def redirect_uri_of(settings: Settings, kind: str) -> str:
    """Return where the service sends the browser back to. Services take plain http only on this very machine."""
    site = settings.site_url
    if site.startswith("http://") and urlsplit(site).hostname not in LOOPBACK:
        site = "https://" + site.removeprefix("http://")
    return f"{site}/integrations/{kind}/callback"


def app_of(settings: Settings, kind: IntegrationKind) -> tuple[OAuthProvider, OAuthApp]:
    """Return how people consent to this kind; raises KindNotSupported and KindNotConfigured."""
    if kind.oauth is None:
        raise KindNotSupported
    app = kind.oauth.app(settings)
    if app is None:
        raise KindNotConfigured
    return kind.oauth, app


def _verifier(services: Services, token: str) -> str:
    """Return the code verifier of PKCE (RFC 7636, section 4.1); it is made of the state, so nothing of it is stored."""
    return services.vault.signature("integration-verifier", token)


async def begin_consent(services: Services, actor: Actor, kind: IntegrationKind, next_path: str) -> Consent:
    """Return where somebody consents to connecting their account; raises KindNotSupported, KindNotConfigured, Throttled."""
    import secrets

    from authlib.oauth2.client import OAuth2Client

    provider, app = app_of(services.settings, kind)
    await services.throttles.hit((PER_USER, str(actor.user_id)))
    token = secrets.token_hex(33)
    async with services.database.transaction() as db:
        await _store(db, services, actor, kind.name, token, next_path)
    client = OAuth2Client(
        None,
        app.client_id,
        scope=provider.scope,
        redirect_uri=redirect_uri_of(services.settings, kind.name),
        code_challenge_method="S256",
    )
    more: dict[str, Any] = {"code_verifier": _verifier(services, token)} if provider.uses_pkce else {}
    state = urlencode({"next": next_path, "token": token})
    url, _ = client.create_authorization_url(app.authorize_url, state=state, **more, **provider.parameters)
    return Consent(str(url), token)


def _finished_in(principal: Principal) -> str | None:
    """Return the hash of the session that finishes what the caller begins; None for every one of the user."""
    if principal.is_key:
        return None if principal.has("integration:write") else NO_SESSION
    return principal.session_hash


async def _store(db: Db, services: Services, actor: Actor, kind: str, token: str, next_path: str) -> None:
    principal = actor.principal
    await db.execute(
        insert(integration_request).values(
            project_id=actor.project_id,
            state_hash=token_hash(token),
            user_id=actor.user_id,
            session_hash=_finished_in(principal),
            kind=kind,
            next_path=next_path,
            expires_at=services.clock.now() + LASTS,
        )
    )


async def claim_consent(
    services: Services, principal: Principal, kind: str, state: str, project_id: int | None = None
) -> Begun:
    """Use a state up and say what it was for; raises Invalid unless this very caller began it, lately."""
    c = integration_request.c
    hashed = token_hash(_token_of(state))
    mine = [
        c.state_hash == hashed,
        c.kind == kind,
        c.user_id == principal.user_id,
        is_open(c.expires_at, services.clock.now(), LASTS),
        c.session_hash.is_(None) | (c.session_hash == (principal.session_hash or NO_SESSION)),
    ]
    if project_id is not None:
        mine.append(c.project_id == project_id)
    async with services.database.transaction() as db:
        used = await db.execute(delete(integration_request).where(*mine).returning(c.project_id, c.next_path))
        row = used.first()
    if row is None:
        raise Invalid(TOO_LATE, code="invalid_state", attr="state")
    return Begun(project_id=row.project_id, kind=kind, next_path=row.next_path)


def _token_of(state: str) -> str:
    """Read `next=...&token=...`, or the token alone."""
    if len(state) > LONGEST_STATE:
        return ""
    try:
        return parse_qs(state, max_num_fields=10).get("token", [state])[0]
    except ValueError:
        return state


async def account_by_code(
    services: Services, kind: IntegrationKind, project_id: int, code: str, state: str
) -> OutsideAccount:
    """Exchange a code for tokens, and say whose account it is (RFC 6749, section 4.1.3); raises AppErrors."""
    provider, app = app_of(services.settings, kind)
    if not code or len(code) > LONGEST_CODE or not (code.isascii() and code.isprintable()):
        raise Invalid(f"{kind.title} has sent no code. Please begin again.", attr="code")
    fields = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri_of(services.settings, kind.name),
    }
    if provider.uses_pkce:
        fields["code_verifier"] = _verifier(services, _token_of(state))
    answer: TokenAnswer = await ask_for_tokens(services, kind.title, app, project_id, fields)
    return account_with_tokens(provider.account_of(answer), answer, services.clock.now())


async def forget_expired_consents(db: Db, now: datetime) -> int:
    """Delete those that took too long (ix_integration_request_expires_at); return how many."""
    return (
        await db.execute(delete(integration_request).where(integration_request.c.expires_at <= now))
    ).rowcount
