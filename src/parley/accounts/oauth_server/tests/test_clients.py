"""Clients that others have written sign in: the official MCP SDK's, and authlib's."""

from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest
from authlib.integrations.httpx_client import AsyncOAuth2Client
from mcp.client.auth import AuthorizationCodeResult, OAuthClientProvider
from mcp.shared.auth import OAuthClientMetadata

from parley.accounts.oauth_server.tests.kept_tokens import Kept
from parley.accounts.oauth_server.tests.programs import decide
from tests.cast import Cast
from tests.plain_browser import window_of

REDIRECT = "http://127.0.0.1:51234/callback"
ME = "/api/users/@me/"


def provider_of(site: str, window, kept: Kept, **fields) -> OAuthClientProvider:
    """Return the SDK's client, whose browser is the window; its person grants what is asked, but for `fields`."""
    came_back = []

    async def open_browser(url: str) -> None:
        address = url.removeprefix(site)
        assert address.startswith("/oauth/authorize?")
        came_back.append((await decide(window, address, **fields)).headers["location"])

    async def callback() -> AuthorizationCodeResult:
        query = {name: values[0] for name, values in parse_qs(urlsplit(came_back.pop()).query).items()}
        return AuthorizationCodeResult(code=query["code"], state=query["state"], iss=query.get("iss"))

    metadata = OAuthClientMetadata.model_validate({"client_name": "MCP client", "redirect_uris": [REDIRECT]})
    return OAuthClientProvider(site + ME, metadata, kept, open_browser, callback)


@pytest.fixture
def site(services):
    return services.settings.site_url


def client_of(app, site, provider) -> httpx2.AsyncClient:
    return httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=site, auth=provider)


async def test_the_client_of_the_mcp_sdk_registers_signs_in_calls_and_refreshes(
    cast: Cast, app, bob, site, clock
):
    window, kept = await window_of(cast, bob), Kept()
    provider = provider_of(site, window, kept)
    async with client_of(app, site, provider) as client:
        answer = await client.get(cast.project.tickets)
        assert answer.status_code == 200, answer.text
        first = kept.tokens
        assert first.access_token.startswith("pha_") and "ticket:read" in first.scope
        assert "organization:write" not in first.scope
        # Its time has come: by its own clock, and by ours.
        clock.advance(timedelta(hours=1))
        provider.context.token_expiry_time = 1
        assert (await client.get(cast.project.tickets)).status_code == 200
        assert kept.tokens.access_token != first.access_token
    assert kept.client.client_id


async def test_the_client_of_authlib_signs_in_with_a_secret_refreshes_and_gives_back(
    cast: Cast, app, bob, site
):
    made = (await cast.client().post("/oauth/register", json={"redirect_uris": [REDIRECT]})).json()
    transport = httpx2.ASGITransport(app)
    async with AsyncOAuth2Client(
        made["client_id"],
        made["client_secret"],
        scope="ticket:read",
        redirect_uri=REDIRECT,
        code_challenge_method="S256",
        token_endpoint=f"{site}/oauth/token",
        transport=transport,
    ) as client:
        verifier = "v" * 64
        url, state = client.create_authorization_url(f"{site}/oauth/authorize", code_verifier=verifier)
        answer = await decide(await window_of(cast, bob), url.removeprefix(site))
        token = await client.fetch_token(
            f"{site}/oauth/token",
            authorization_response=answer.headers["location"],
            code_verifier=verifier,
            state=state,
        )
        assert token["scope"] == "ticket:read"
        assert (await client.get(site + cast.project.tickets)).status_code == 200
        fresh = await client.refresh_token()
        assert fresh["access_token"] != token["access_token"]
        gone = await client.revoke_token(f"{site}/oauth/revoke", token=fresh["refresh_token"])
        assert gone.status_code == 200
        assert (await client.get(site + cast.project.tickets)).status_code == 401
