"""Twilio as a kind of integration: connected by the credentials of an account (docs/sms.md)."""

from collections.abc import Mapping
from typing import Any

from parley.integrations.connections.kinds import IntegrationKind, OutsideAccount
from parley.integrations.twilio import KIND_NAME
from parley.integrations.twilio.calls import twilio_calls
from parley.integrations.twilio.errors import KeysMissing, KeysRejected
from parley.integrations.twilio.rules import MAX_TOKEN, is_sid
from parley.kernel.services import Services


async def connect(services: Services, project_id: int, config: Mapping[str, Any]) -> OutsideAccount:
    """Prove the credentials at Twilio; raises KeysMissing, KeysRejected, AccountClosed and UpstreamFailed."""
    given = [config.get("account_sid"), config.get("auth_token")]
    sid, token = (text.strip() if isinstance(text, str) else "" for text in given)
    if not sid or not token:
        raise KeysMissing
    if not is_sid(sid, "AC") or len(token) > MAX_TOKEN or not (token.isascii() and token.isprintable()):
        raise KeysRejected
    async with twilio_calls(services, project_id, sid, token) as calls:
        account = await calls.account()
    return OutsideAccount(
        integration_id=account.sid,
        config={"account_sid": account.sid},
        sensitive_config={"auth_token": token},
    )


def display_name(_: Mapping[str, Any], account_sid: str) -> str:
    """Return what PostHog shows for an account at Twilio."""
    return f"ID: {account_sid}"


KIND = IntegrationKind(
    name=KIND_NAME,
    title="Twilio",
    description="Answer text messages (SMS) to your phone numbers in the inbox.",
    connect=connect,
    display_name=display_name,
    connect_template="twilio/_connect.html",
    template="twilio/_account.html",
    docs="sms.md",
)
