"""Tokens of a service: asked for, and put with the account whose they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import structlog
from msgspec import structs

from parley.integrations.connections.errors import CredentialsRejected, NotPermitted, UpstreamRefused
from parley.integrations.connections.kinds import OAuthApp, OutsideAccount
from parley.integrations.connections.upstream import Upstream, UpstreamRequest, calls_to
from parley.kernel.errors import Invalid
from parley.kernel.services import Services

log = structlog.get_logger(__name__)

SECRETS = ("access_token", "refresh_token", "id_token")
SHOWN = ("expires_in", "refresh_token_expires_in", "scope", "token_type")
MOST_BYTES = 128 * 1024
LONGEST_FACT = 10_000
TokenAnswer = Mapping[str, Any]


class TokensRefused(Invalid):
    """The service gives no tokens for what it was sent."""


async def ask_for_tokens(
    services: Services, name: str, app: OAuthApp, project_id: int, fields: Mapping[str, str]
) -> TokenAnswer:
    """Post a form to the token endpoint; raises TokensRefused, and UpstreamFailed where there is no answer to speak of."""
    form = {**fields, "client_id": app.client_id, "client_secret": app.client_secret}
    request = UpstreamRequest(
        path="",
        method="POST",
        headers={"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        body=urlencode(form).encode(),
        most_bytes=MOST_BYTES,
    )
    try:
        async with calls_to(services, Upstream(name, app.token_url), project_id) as calls:
            answer = await calls.json(request, dict[str, Any])
    except (CredentialsRejected, NotPermitted, UpstreamRefused) as error:
        refused = (
            error.upstream_body[:200].decode("utf-8", "replace") if isinstance(error, UpstreamRefused) else ""
        )
        log.warning("tokens_refused", upstream=name, reason=type(error).__name__, said=refused)
        raise TokensRefused(
            f"{name} did not accept the connection. Please begin again; if that does not help, the owner of this server "
            f"must check the client id and secret of {name}.",
            attr="code",
        ) from error
    if not _is_token(answer.get("access_token")):
        log.warning("tokens_missing", upstream=name, fields=sorted(answer)[:20])
        raise TokensRefused(f"{name} has sent no access token. Please begin again.", attr="code")
    return answer


def _is_token(value: Any) -> bool:
    """Say whether a header can hold it."""
    return isinstance(value, str) and 0 < len(value) < 20_000 and value.isascii() and value.isprintable()


def secrets_in(answer: TokenAnswer) -> dict[str, str]:
    """Return the tokens of an answer."""
    return {name: answer[name] for name in SECRETS if _is_token(answer.get(name))}


def facts_in(answer: TokenAnswer, now: datetime) -> dict[str, Any]:
    """Return what of an answer is no secret, and when it came in seconds since 1970."""
    facts = {name: answer[name] for name in SHOWN if _can_be_kept(answer.get(name))}
    return {**facts, "refreshed_at": int(now.timestamp())}


def _can_be_kept(value: Any) -> bool:
    if isinstance(value, int):
        return abs(value) < 10**12
    return isinstance(value, str) and len(value) < LONGEST_FACT and "\0" not in value


def account_with_tokens(account: OutsideAccount, answer: TokenAnswer, now: datetime) -> OutsideAccount:
    """Return the account with its tokens among the secrets."""
    return structs.replace(
        account,
        config={**account.config, **facts_in(answer, now)},
        sensitive_config={**account.sensitive_config, **secrets_in(answer)},
    )
