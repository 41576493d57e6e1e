"""How an account of LinkedIn is connected."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any

import msgspec

from parley.integrations.connections.kinds import IntegrationKind, OAuthApp, OAuthProvider, OutsideAccount
from parley.integrations.linkedin_ads.rules import KIND_NAME
from parley.kernel.config.settings import Settings
from parley.kernel.errors import Invalid

SCOPE = "r_ads rw_conversions r_ads_reporting openid profile email"


class LinkedInClaims(msgspec.Struct, frozen=True):
    """What LinkedIn's ID token says of whoever has consented."""

    sub: str
    email: str | None = None
    name: str | None = None


def _app(settings: Settings) -> OAuthApp | None:
    if settings.linkedin_client_id is None or settings.linkedin_client_secret is None:
        return None
    return OAuthApp(
        client_id=settings.linkedin_client_id,
        client_secret=settings.linkedin_client_secret,
        authorize_url=f"{settings.linkedin_oauth_url}/oauth/v2/authorization",
        token_url=f"{settings.linkedin_oauth_url}/oauth/v2/accessToken",
    )


def account_of(answer: Mapping[str, Any]) -> OutsideAccount:
    """Return whose the tokens are, by the ID token; raises Invalid.

    Its signature isn't checked: it came from LinkedIn itself over TLS (OpenID Connect Core 1.0, 3.1.3.7).
    """
    claims = _claims(answer.get("id_token"))
    known = {"sub": claims.sub, "email": claims.email, "name": claims.name}
    return OutsideAccount(
        integration_id=claims.sub, config={name: value for name, value in known.items() if value}
    )


def _claims(token: Any) -> LinkedInClaims:
    try:
        payload = str(token).split(".")[1]
        text = base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4))
        return msgspec.json.decode(text, type=LinkedInClaims)
    except (IndexError, binascii.Error, ValueError, msgspec.DecodeError, RecursionError) as error:
        raise Invalid("LinkedIn has not said whose account it is. Please begin again.") from error


def display_name(config: Mapping[str, Any], integration_id: str) -> str:
    """Return the address of whoever has consented."""
    return str(config.get("email") or integration_id)


KIND = IntegrationKind(
    name=KIND_NAME,
    title="LinkedIn Ads",
    description="See your advertising accounts, and report to LinkedIn what came of a click.",
    # LinkedIn knows PKCE only for native apps, on a page of its own and by arrangement.
    oauth=OAuthProvider(
        app=_app,
        variables=("PARLEY_LINKEDIN_CLIENT_ID", "PARLEY_LINKEDIN_CLIENT_SECRET"),
        scope=SCOPE,
        account_of=account_of,
    ),
    display_name=display_name,
    docs="integrations.md#linkedin-ads",
)
