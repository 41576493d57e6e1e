"""Links that end a subscription for one address: a JWT (RFC 7519) that names both and lasts 30 days."""

from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import quote

import msgspec

from parley.kernel.secrets import Vault
from parley.kernel.signed_tokens import read_signed_token, signed_token

AUDIENCE = "unsubscribe"
LASTS = timedelta(days=30)
PATH = "/unsubscribe"


class ReportUnsubscription(msgspec.Struct, frozen=True):
    """Which subscription, of which project, is over for which address."""

    id: int
    email: str
    team_id: int


@lru_cache(maxsize=4)
def _keys(vault: Vault) -> tuple[str, ...]:
    return vault.signatures("subscriptions", "unsubscribe tokens")


def unsubscribe_url(site_url: str, vault: Vault, link: ReportUnsubscription, now: datetime) -> str:
    """Return the link for a mail that goes out now."""
    token = signed_token(_keys(vault)[0], AUDIENCE, link, now + LASTS)
    return f"{site_url}{PATH}?token={quote(token)}"


def read_unsubscribe_token(vault: Vault, token: str | None, now: datetime) -> ReportUnsubscription | None:
    """Return what a token says; None for one that doesn't hold."""
    return read_signed_token(_keys(vault), AUDIENCE, token, ReportUnsubscription, now)
