"""The end of the way to a provider: the browser is back with a code, or with a refusal."""

import asyncio
from datetime import datetime

import msgspec
import structlog
from msgspec.structs import replace
from sqlalchemy import delete

from parley.accounts.oauth_sign_in.actions.beginning import LASTS, redirect_uri_of, secrets_of
from parley.accounts.oauth_sign_in.calls import ProviderCalls, calls_to
from parley.accounts.oauth_sign_in.errors import ProviderFailed, ProviderSilent
from parley.accounts.oauth_sign_in.rules import (
    Claims,
    dated,
    has_asked_again,
    identity_of_claims,
    identity_of_github,
    verified_claims,
)
from parley.accounts.oauth_sign_in.tables import oauth_request
from parley.accounts.single_sign_on.errors import SsoFailed
from parley.accounts.single_sign_on.rules import ProvenIdentity
from parley.kernel.config.sign_in_providers import SignInProvider
from parley.kernel.database.columns import is_open
from parley.kernel.database.struct_columns import StructColumns
from parley.kernel.ids import token_hash
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

COMPLETED_IN_S = 20.0
LONGEST_CODE = 2000
TOO_LATE = "This sign-in is too old, has ended already, or began in another browser. Please try again."


NOT_ASKED_AGAIN = (
    "{provider} did not ask you who you are, so that you have confirmed nothing. Sign out at {provider} and try again, or "
    "confirm with a password or a passkey."
)


class BegunSignIn(msgspec.Struct, frozen=True):
    """A sign-in that was begun here, and when."""

    next_path: str
    is_confirmation: bool
    created_at: datetime


_BEGUN = StructColumns(BegunSignIn, oauth_request)


class Callback(msgspec.Struct, frozen=True):
    """What the browser brings back (RFC 6749, section 4.1.2; `iss` RFC 9207)."""

    state: str = ""
    code: str = ""
    error: str = ""
    iss: str | None = None


class Completed(msgspec.Struct, frozen=True):
    """Somebody has been at the provider, and goes on there once they are let in."""

    who: ProvenIdentity
    next_path: str


async def complete_request(
    services: Services, provider: SignInProvider, callback: Callback, *, browser: str
) -> Completed:
    """Return whom the provider has proven. Raises SsoFailed.

    A state is used up by the first who brings it from the browser in which the sign-in began.
    """
    asked = await _claimed(services, provider, callback.state, browser)
    if callback.error or not callback.code:
        log.warning("oauth_refused", provider=provider.name, error=callback.error[:80])
        raise SsoFailed(
            "oauth_failed", f"{provider.label} did not sign you in. Try again, or sign in another way."
        )
    try:
        async with asyncio.timeout(COMPLETED_IN_S), calls_to(services, provider) as calls:
            who = await _proven(services, provider, calls, callback)
    except (ProviderFailed, TimeoutError) as error:
        raise failure(provider, error) from error
    if asked.is_confirmation and not has_asked_again(provider, who, asked.created_at, services.clock.now()):
        log.warning("oauth_not_asked_again", provider=provider.name)
        raise SsoFailed("oauth_failed", NOT_ASKED_AGAIN.format(provider=provider.label))
    return Completed(dated(provider, who), asked.next_path)


def failure(provider: SignInProvider, error: Exception) -> SsoFailed:
    """Return what people are told of a provider that fails, and tell the operator more."""
    log.warning("oauth_failed", provider=provider.name, reason=str(error)[:400] or type(error).__name__)
    if isinstance(error, (ProviderSilent, TimeoutError)):
        return SsoFailed(
            "oauth_failed", f"{provider.label} does not answer at the moment. Please try again later."
        )
    return SsoFailed(
        "oauth_failed", f"{provider.label} sent an answer that can't be accepted. Please try again."
    )


async def _claimed(services: Services, provider: SignInProvider, state: str, browser: str) -> BegunSignIn:
    """Use up the sign-in and return it; raises SsoFailed."""
    mine = (
        oauth_request.c.state_hash == token_hash(state),
        oauth_request.c.browser_hash == token_hash(browser),
        oauth_request.c.provider == provider.name,
        is_open(oauth_request.c.expires_at, services.clock.now(), LASTS),
    )
    async with services.database.transaction() as db:
        row = (await db.execute(delete(oauth_request).where(*mine).returning(*_BEGUN.columns))).first()
    if row is None or not browser:
        raise SsoFailed("oauth_failed", TOO_LATE)
    return _BEGUN(row)


async def _proven(
    services: Services, provider: SignInProvider, calls: ProviderCalls, callback: Callback
) -> ProvenIdentity:
    metadata = await calls.metadata()
    says_who = metadata.authorization_response_iss_parameter_supported or callback.iss is not None
    if says_who and callback.iss != metadata.issuer:  # RFC 9207, section 2.4
        raise ProviderFailed("another issuer has answered")
    if len(callback.code) > LONGEST_CODE or not (callback.code.isascii() and callback.code.isprintable()):
        raise ProviderFailed("a code that is none")
    secrets = secrets_of(services, callback.state)
    tokens = await calls.tokens(
        metadata, callback.code, verifier=secrets.verifier, redirect_uri=redirect_uri_of(services, provider)
    )
    if provider.name == "github":
        return identity_of_github(provider, *await calls.github_user(tokens.access_token))
    claims = verified_claims(
        tokens,
        await calls.keys(metadata),
        metadata,
        client_id=provider.client_id,
        nonce=secrets.nonce,
        now=services.clock.now(),
    )
    if claims.email is None and metadata.userinfo_endpoint is not None:
        more = await calls.userinfo(metadata, tokens.access_token, Claims)
        if more.sub != claims.sub:
            raise ProviderFailed("the userinfo endpoint speaks of somebody else")
        claims = replace(more, auth_time=claims.auth_time)  # only what is signed says when
    return identity_of_claims(provider, claims)
