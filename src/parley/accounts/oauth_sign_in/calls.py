"""Calls to a provider: bounded in time and size, to public addresses or the provider's own."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TypeVar

from parley.accounts.oauth_sign_in.errors import ProviderFailed, ProviderSilent
from parley.accounts.oauth_sign_in.rules import (
    GitHubEmail,
    GitHubUser,
    Metadata,
    Tokens,
    checked_metadata,
    github_api,
    github_metadata,
    read_json,
)
from parley.kernel.config.sign_in_providers import SignInProvider
from parley.kernel.network.outbound import AddressRefused, CallFailed, Outbound, OutgoingRequest, Session
from parley.kernel.services import Services

CALL_S = 8.0
MOST_BYTES = 128 * 1024
METADATA_KEPT_S = 600.0
JSON = {"Accept": "application/json"}
T = TypeVar("T")


class ProviderCalls:
    """Calls to one provider that share connections."""

    def __init__(self, services: Services, provider: SignInProvider, session: Session) -> None:
        self._cache = services.cache
        self._provider = provider
        self._session = session

    async def metadata(self) -> Metadata:
        """Return where its endpoints are, from some minutes ago at most; raises ProviderFailed."""
        if self._provider.name == "github":
            return github_metadata(self._provider)
        key = f"oauth-metadata:{self._provider.url}"
        body = await self._cache.get(key)
        is_new = body is None
        if body is None:
            body = await self._get(f"{self._provider.url}/.well-known/openid-configuration")
        found = checked_metadata(read_json(body, Metadata), self._provider)
        if is_new:
            await self._cache.set(key, body, METADATA_KEPT_S)
        return found

    async def tokens(self, metadata: Metadata, code: str, *, verifier: str, redirect_uri: str) -> Tokens:
        """Exchange a code for tokens, with the proof that the sign-in began here (RFC 7636); raises ProviderFailed."""
        from authlib.oauth2.auth import ClientAuth
        from authlib.oauth2.rfc6749.parameters import prepare_token_request

        body = prepare_token_request(
            "authorization_code", redirect_uri=redirect_uri, code=code, code_verifier=verifier
        )
        methods = metadata.token_endpoint_auth_methods_supported
        is_posted = self._provider.name == "github" or "client_secret_post" in methods
        auth = ClientAuth(
            self._provider.client_id,
            self._provider.client_secret,
            "client_secret_post" if is_posted else "client_secret_basic",
        )
        headers = {**JSON, "Content-Type": "application/x-www-form-urlencoded"}
        url, headers, body = auth.prepare("POST", metadata.token_endpoint, headers, body)
        return read_json(await self._send("POST", url, headers, body.encode()), Tokens)

    async def keys(self, metadata: Metadata) -> bytes:
        """Return its public keys of now, as JSON (RFC 7517); raises ProviderFailed."""
        return await self._get(metadata.jwks_uri)

    async def userinfo(self, metadata: Metadata, access_token: str, kind: type[T]) -> T:
        """Return what it says of who has the access token; raises ProviderFailed."""
        return await self._read(metadata.userinfo_endpoint or "", access_token, kind)

    async def github_user(self, access_token: str) -> tuple[GitHubUser, list[GitHubEmail]]:
        """Return who has the access token, and their addresses; raises ProviderFailed."""
        api = github_api(self._provider)
        user = await self._read(f"{api}/user", access_token, GitHubUser)
        emails = await self._read(f"{api}/user/emails?per_page=100", access_token, list[GitHubEmail])
        return user, emails

    async def _read(self, url: str, access_token: str, kind: type[T]) -> T:
        if not (access_token.isascii() and access_token.isprintable()):
            raise ProviderFailed("an access token that a header can't hold")
        return read_json(await self._get(url, Authorization=f"Bearer {access_token}"), kind)

    async def _get(self, url: str, **headers: str) -> bytes:
        return await self._send("GET", url, {**JSON, **headers}, b"")

    async def _send(self, method: str, url: str, headers: dict[str, str], body: bytes) -> bytes:
        request = OutgoingRequest(
            url=url, method=method, headers=headers, body=body, timeout_s=CALL_S, most_bytes=MOST_BYTES
        )
        try:
            reply = await self._session.send(request)
        except CallFailed as error:
            raise ProviderSilent(str(error)) from error
        except AddressRefused as error:
            raise ProviderFailed(str(error)) from error
        if reply.status != 200 or reply.is_cut:
            said = reply.body[:200].decode("utf-8", "replace")
            raise ProviderFailed(f"{method} {url.partition('?')[0]} was answered {reply.status}: {said}")
        return reply.body


@asynccontextmanager
async def calls_to(services: Services, provider: SignInProvider) -> AsyncIterator[ProviderCalls]:
    """Yield what calls a provider. The operator has named its host, so that one may be private."""
    allowed = services.settings.allowed_hosts_out | {(provider.host, provider.port)}
    async with Outbound(allowed).session() as session:
        yield ProviderCalls(services, provider, session)
