"""Links that end a subscription for one address: a JWT (RFC 7519) that names both and lasts 30 days."""

from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

import msgspec

from parley.kernel.secrets import Vault

AUDIENCE = "unsubscribe"
ALGORITHM = "HS256"
LASTS = timedelta(days=30)
MAX_TOKEN_LENGTH = 2000
REQUIRED = ["aud", "exp", "id", "email", "team_id"]
PATH = "/unsubscribe"


class ReportUnsubscription(msgspec.Struct, frozen=True):
    """Which subscription, of which project, is over for which address."""

    id: int
    email: str
    team_id: int


@lru_cache(maxsize=4)
def _key(vault: Vault) -> str:
    return vault.signature("subscriptions", "unsubscribe tokens")


def unsubscribe_url(site_url: str, vault: Vault, link: ReportUnsubscription, now: datetime) -> str:
    """Return the link for a mail that goes out now."""
    import jwt  # needed by few requests, so not at the start

    claims = {**msgspec.structs.asdict(link), "aud": AUDIENCE, "exp": int((now + LASTS).timestamp())}
    return f"{site_url}{PATH}?token={quote(jwt.encode(claims, _key(vault), algorithm=ALGORITHM))}"


def read_unsubscribe_token(vault: Vault, token: str | None, now: datetime) -> ReportUnsubscription | None:
    """Return what a token says; None for one that is no JWT of ours, is meant for something else, or is over."""
    if not token or len(token) > MAX_TOKEN_LENGTH:
        return None
    import jwt

    # The time is compared here, by the clock of the services.
    options: Any = {"require": REQUIRED, "verify_exp": False}
    try:
        claims = jwt.decode(token, _key(vault), algorithms=[ALGORITHM], audience=AUDIENCE, options=options)
        is_over = float(claims["exp"]) <= now.timestamp()
        return None if is_over else msgspec.convert(claims, ReportUnsubscription)
    except (jwt.InvalidTokenError, msgspec.ValidationError, TypeError, ValueError):
        return None
