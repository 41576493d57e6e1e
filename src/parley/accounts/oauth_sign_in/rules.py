"""What a provider's answers may look like, and what of them is believed."""

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, TypeVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from parley.accounts.domains.queries import domain_of
from parley.accounts.oauth_sign_in.errors import ProviderFailed
from parley.accounts.single_sign_on.rules import ProvenIdentity
from parley.kernel.config.sign_in_providers import SignInProvider
from parley.kernel.network.addresses import AddressRefused, target_of
from parley.kernel.network.domains import ascii_domain

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
"""Of public keys alone: with `none` or an HMAC anybody who knows the public key could sign."""
LEEWAY_S = 60
GITHUB, GOOGLE = "https://github.com", "https://accounts.google.com"
NEVER = datetime(1970, 1, 1, tzinfo=UTC)

Subject = Annotated[str, Meta(min_length=1, max_length=255)]
T = TypeVar("T")


class Metadata(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str = ""
    userinfo_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = []
    authorization_response_iss_parameter_supported: bool = False


class Tokens(msgspec.Struct, frozen=True):
    """The answer to a code (RFC 6749, section 5.1)."""

    access_token: Annotated[str, Meta(min_length=1)]
    id_token: str | None = None


class Claims(msgspec.Struct, frozen=True, kw_only=True):
    """What an ID token or a userinfo endpoint says of a person (OpenID Connect Core 1.0).

    `hd` is Google's: the domain of the company that runs the account. `auth_time` is when the person last proved to the
    provider who they are, in seconds since 1970.
    """

    sub: Subject
    email: str | None = None
    email_verified: bool = False
    name: str | None = None
    given_name: str | None = None
    family_name: str | None = None
    hd: str | None = None
    auth_time: float | None = None


class GitHubUser(msgspec.Struct, frozen=True):
    """Part of GitHub's `GET /user`."""

    id: Annotated[int, Meta(ge=1)]
    login: str = ""
    name: str | None = None


class GitHubEmail(msgspec.Struct, frozen=True):
    """One of GitHub's `GET /user/emails`."""

    email: str
    primary: bool = False
    verified: bool = False


def read_json(body: bytes, kind: type[T]) -> T:
    """Read what a provider has sent; raises ProviderFailed."""
    try:
        return msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProviderFailed(f"an answer that is no {getattr(kind, '__name__', 'list')}: {error}") from error


def checked_metadata(found: Metadata, provider: SignInProvider) -> Metadata:
    """Return it if it is of this very provider, and all of its addresses can be called; raises ProviderFailed."""
    if found.issuer.rstrip("/") != provider.url:
        raise ProviderFailed("the issuer isn't the URL of the setting")
    for url in (found.authorization_endpoint, found.token_endpoint, found.jwks_uri, found.userinfo_endpoint):
        if url is not None:
            _check_endpoint(url, provider)
    return found


def _check_endpoint(url: str, provider: SignInProvider) -> None:
    try:
        target = target_of(url)
    except AddressRefused as error:
        raise ProviderFailed(f"an endpoint that can't be called: {error}") from error
    if target.scheme != "https" and urlsplit(provider.url).scheme == "https":
        raise ProviderFailed("an endpoint without https")


def github_metadata(provider: SignInProvider) -> Metadata:
    """Return what GitHub would say of itself; it has no discovery for people who sign in."""
    return Metadata(
        issuer=provider.url,
        authorization_endpoint=f"{provider.url}/login/oauth/authorize",
        token_endpoint=f"{provider.url}/login/oauth/access_token",
    )


def github_api(provider: SignInProvider) -> str:
    """Return the base of the API: GitHub's own has a host for it, GitHub Enterprise Server a path."""
    return "https://api.github.com" if provider.url == GITHUB else f"{provider.url}/api/v3"


def verified_claims(
    tokens: Tokens, keys: bytes, metadata: Metadata, *, client_id: str, nonce: str, now: datetime
) -> Claims:
    """Return what an ID token says, once signature, issuer, audience, times and nonce are right; raises ProviderFailed.

    The rules are those of OpenID Connect Core 1.0. `keys` is the provider's JWKS of now: it may change its keys at any time.
    """
    from authlib.oidc.core import CodeIDToken
    from joserfc import jwt
    from joserfc.jwk import KeySet

    key_set = read_json(keys, dict[str, list[dict[str, Any]]])
    try:
        token = jwt.decode(tokens.id_token or "", KeySet.import_key_set(key_set), algorithms=ALGORITHMS)  # type: ignore[arg-type]
        checked = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": metadata.issuer},
                "aud": {"essential": True, "value": client_id},
            },
            {"nonce": nonce, "client_id": client_id, "access_token": tokens.access_token},
        )
        checked.validate(now=int(now.timestamp()), leeway=LEEWAY_S)
        return msgspec.convert(dict(token.claims), Claims)
    except Exception as error:  # whatever a strange token or key makes the libraries stumble over
        raise ProviderFailed(f"an ID token that isn't right: {type(error).__name__}: {error}") from error


def identity_of_claims(provider: SignInProvider, claims: Claims) -> ProvenIdentity:
    """Return who it is; raises ProviderFailed without an address."""
    if not claims.email:
        raise ProviderFailed("no e-mail address")
    vouches = None
    if provider.name == "google-oauth2":
        vouches = bool(claims.hd) and ascii_domain((claims.hd or "").lower()) == domain_of(claims.email)
    first, _, last = (claims.name or "").partition(" ")
    return ProvenIdentity(
        provider=provider.name,
        subject=f"{provider.url} {claims.sub}",
        email=claims.email,
        first_name=claims.given_name or first,
        last_name=claims.family_name or ("" if claims.given_name else last),
        is_email_verified=claims.email_verified,
        vouches_for_domain=vouches,
        authenticated_at=_instant_of(claims.auth_time),
    )


def _instant_of(seconds: float | None) -> datetime | None:
    try:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise ProviderFailed("an auth_time that is none") from error


def has_asked_again(provider: SignInProvider, who: ProvenIdentity, asked_at: datetime, now: datetime) -> bool:
    """Say whether the provider had the person prove who they are, since it was asked to (OpenID Connect Core 1.0, 3.1.2.1).

    GitHub and Google can't be asked: GitHub knows nothing of it, and Google leaves `max_age` aside and sends no `auth_time`.
    """
    if who.authenticated_at is None:
        return _says_no_time(provider)
    leeway = timedelta(seconds=LEEWAY_S)
    return asked_at - leeway <= who.authenticated_at <= now + leeway


def dated(provider: SignInProvider, who: ProvenIdentity) -> ProvenIdentity:
    """Return the identity with a time: `NEVER` where a provider tells none and could; then nothing was proved lately.

    Whoever sits at a browser that was left open can take the question out of what it carries to the provider.
    """
    if who.authenticated_at is not None or _says_no_time(provider):
        return who
    return replace(who, authenticated_at=NEVER)


def _says_no_time(provider: SignInProvider) -> bool:
    return provider.url in (GITHUB, GOOGLE) or provider.name == "github"


def identity_of_github(
    provider: SignInProvider, user: GitHubUser, emails: list[GitHubEmail]
) -> ProvenIdentity:
    """Return who it is, by the primary address; raises ProviderFailed without one."""
    primary = next((one for one in emails if one.primary), None)
    if primary is None:
        raise ProviderFailed("no primary e-mail address")
    first, _, last = (user.name or user.login).partition(" ")
    return ProvenIdentity(
        provider=provider.name,
        subject=f"{provider.url} {user.id}",
        email=primary.email,
        first_name=first,
        last_name=last,
        is_email_verified=primary.verified,
        vouches_for_domain=None,
    )
