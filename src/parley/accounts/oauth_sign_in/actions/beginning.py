"""The begin of a sign-in: what the browser takes to the provider, and what stays here."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
from sqlalchemy import delete, insert

from parley.accounts.oauth_sign_in.calls import calls_to
from parley.accounts.oauth_sign_in.tables import oauth_request
from parley.kernel.config.sign_in_providers import SignInProvider
from parley.kernel.database.transaction import Db
from parley.kernel.ids import new_token, token_hash
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import HOUR_S, Limit

LASTS = timedelta(minutes=10)
ANY_AGE_S = 365 * 24 * 3600
"""A `max_age` that asks for `auth_time`, and for nothing else: without one a provider need not say when it has asked."""
PER_ADDRESS = Limit("oauth-sign-in", 600, HOUR_S)
SCOPES = {"github": "read:user user:email"}
OPENID_SCOPES = "openid email profile"


class Secrets(msgspec.Struct, frozen=True):
    """What belongs to one sign-in. It is made of its state, so nothing of it is stored."""

    nonce: str
    verifier: str


def secrets_of(services: Services, state: str) -> Secrets:
    """Return the nonce, and the code verifier of PKCE (RFC 7636, section 4.1)."""
    sign = services.vault.signature
    return Secrets(sign("oauth-nonce", state), sign("oauth-verifier", state))


def redirect_uri_of(services: Services, provider: SignInProvider) -> str:
    """Return where the provider sends the browser back to; each provider has its own, so that none answers for another."""
    return f"{services.settings.site_url}/complete/{provider.name}/"


async def begin_sign_in(
    services: Services,
    provider: SignInProvider,
    *,
    browser: str,
    address: str,
    next_path: str,
    email: str,
    is_confirmation: bool,
) -> str:
    """Return the provider's address that the browser goes to next; `email` is a hint who it may be.

    `browser` is the secret of this browser: only there the sign-in goes on. Raises Throttled and ProviderFailed.
    """
    await services.throttles.hit((PER_ADDRESS, network_of(address)))
    async with calls_to(services, provider) as calls:
        metadata = await calls.metadata()
    state = new_token()
    secrets, now = secrets_of(services, state), services.clock.now()
    async with services.database.transaction() as db:
        await db.execute(
            insert(oauth_request).values(
                state_hash=token_hash(state),
                browser_hash=token_hash(browser),
                provider=provider.name,
                next_path=next_path,
                is_confirmation=is_confirmation,
                created_at=now,
                expires_at=now + LASTS,
            )
        )
    more = _openid_parameters(secrets.nonce, email, is_confirmation) if provider.name != "github" else {}
    url, _ = _client(services, provider).create_authorization_url(
        metadata.authorization_endpoint, state=state, code_verifier=secrets.verifier, **more
    )
    return str(url)


def _client(services: Services, provider: SignInProvider) -> Any:
    from authlib.oauth2.client import OAuth2Client

    return OAuth2Client(
        None,
        provider.client_id,
        scope=SCOPES.get(provider.name, OPENID_SCOPES),
        redirect_uri=redirect_uri_of(services, provider),
        code_challenge_method="S256",
    )


def _openid_parameters(nonce: str, email: str, is_confirmation: bool) -> dict[str, str]:
    """Return what OpenID Connect has beyond OAuth (OpenID Connect Core 1.0); GitHub speaks OAuth alone.

    For a confirmation the provider is to ask for the password again, though it knows the browser.
    """
    found = {"nonce": nonce}
    if email:
        found["login_hint"] = email
    return found | ({"prompt": "login", "max_age": "0"} if is_confirmation else {"max_age": str(ANY_AGE_S)})


async def forget_expired_requests(db: Db, now: datetime) -> int:
    """Delete the sign-ins that took too long; return how many."""
    return (await db.execute(delete(oauth_request).where(oauth_request.c.expires_at <= now))).rowcount
