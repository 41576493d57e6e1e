"""Decisions about Slack: scopes, which of its errors mean what, and which hosts are its own."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from parley.integrations.connections.kinds import OutsideAccount
from parley.kernel.errors import Invalid

SCOPES = (
    "app_mentions:read", "channels:history", "channels:join", "channels:read", "chat:write", "chat:write.customize",
    "files:read", "files:write", "groups:history", "groups:read", "reactions:read", "users:read", "users:read.email",
)  # fmt: skip
"""Of the bot; docs/slack.md has the same ones in its manifest."""
REVOKED = frozenset((
    "account_inactive", "invalid_auth", "not_authed", "org_login_required", "team_access_not_granted",
    "token_expired", "token_revoked", "two_factor_setup_required",
))  # fmt: skip
"""Errors after which no call with this token will succeed."""
TRANSIENT = frozenset((
    "fatal_error", "internal_error", "ratelimited", "request_timeout", "service_unavailable", "team_added_to_org",
))  # fmt: skip
TEAM, CHANNEL = re.compile(r"[TE][A-Z0-9]{1,30}"), re.compile(r"[CGD][A-Z0-9]{1,30}")
APP = re.compile(r"A[A-Z0-9]{1,30}")
USER, TIMESTAMP = re.compile(r"[UW][A-Z0-9]{1,30}"), re.compile(r"\d{1,16}\.\d{1,10}")
BOT_TOKEN = re.compile(r"xoxb-[A-Za-z0-9-]{10,250}")
NAME_LENGTH = 200


def is_slack_url(url: str, api_url: str) -> bool:
    """Say whether a URL is Slack's own, so that the token may be sent along: https, one of its hosts, the usual port.

    `api_url` is where the owner of the server says that Slack is; its host counts, too.
    """
    try:
        parts, own = urlsplit(url), urlsplit(api_url)
        if parts.username is not None or parts.password is not None:
            return False
        if (parts.scheme, parts.hostname, parts.port) == (own.scheme, own.hostname, own.port):
            return True
        is_usual = parts.scheme == "https" and parts.port in (None, 443)
    except ValueError:
        return False
    host = parts.hostname or ""
    return is_usual and (host in ("slack.com", "slack-files.com") or host.endswith(".slack.com"))


def account_of(answer: Mapping[str, Any]) -> OutsideAccount:
    """Read the answer of `oauth.v2.access`; raises Invalid for what is no workspace that a bot was added to."""
    if answer.get("ok") is not True:
        error = str(answer.get("error", ""))[:100]
        raise Invalid(
            f"Slack did not accept the sign-in ({error or 'no reason was given'}). Please try again."
        )
    team, token = answer.get("team"), answer.get("access_token")
    if not isinstance(team, Mapping) or answer.get("token_type") != "bot" or not isinstance(token, str):
        raise Invalid(
            "Slack has added no bot. An installation for a whole organization is not supported: choose one workspace."
        )
    return account(
        team_id=team.get("id"),
        team_name=team.get("name"),
        bot_user_id=answer.get("bot_user_id"),
        app_id=answer.get("app_id"),
        token=token,
    )


def account(*, team_id: Any, team_name: Any, bot_user_id: Any, app_id: Any, token: str) -> OutsideAccount:
    """Return the account of a workspace; raises Invalid where Slack's ids aren't what they should be."""
    ids = ((TEAM, team_id), (USER, bot_user_id), (APP, app_id))
    if not all(isinstance(id, str) and form.fullmatch(id) for form, id in ids):
        raise Invalid("Slack has sent no usable ids of the workspace, its bot and its app.")
    name = team_name if isinstance(team_name, str) and team_name.strip() else team_id
    config: dict[str, Any] = {
        "team": {"id": team_id, "name": name[:NAME_LENGTH]},
        "bot_user_id": bot_user_id,
        "app_id": app_id,
    }
    return OutsideAccount(
        integration_id=str(team_id), config=config, sensitive_config={"access_token": token}
    )


def missing_scopes(granted: str) -> list[str]:
    """Return which scopes a token lacks, from the header `x-oauth-scopes`; none where Slack doesn't say."""
    given = {one.strip() for one in granted.split(",") if one.strip()}
    return [one for one in SCOPES if one not in given] if given else []


def app_of(config: Mapping[str, Any]) -> str | None:
    """Return the id of the app by which a workspace is connected; its events name the same."""
    found = config.get("app_id")
    return found if isinstance(found, str) else None


def display_name(config: Mapping[str, Any], integration_id: str) -> str:
    """Return what a workspace is called."""
    team = config.get("team")
    name = team.get("name") if isinstance(team, Mapping) else None
    return name if isinstance(name, str) and name else integration_id
