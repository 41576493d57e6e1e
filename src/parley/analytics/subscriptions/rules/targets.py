"""Whereto a subscription is sent: addresses, a channel or webhook of Slack, or a URL of the customer."""

import re
from collections.abc import Collection
from typing import Literal
from urllib.parse import urlsplit

from parley.analytics.subscriptions.rules.limits import MOST_ADDRESSES
from parley.kernel.errors import Invalid, blank, too_long
from parley.kernel.network.emails import check_email, normal_email
from parley.kernel.text.forms import normalized

TargetType = Literal["email", "slack", "webhook"]
ATTR = "target_value"
SLACK_HOSTS = frozenset({("hooks.slack.com", 443), ("hooks.slack-gov.com", 443)})
NO_INTEGRATION = "A Slack integration is required for Slack subscriptions."
UNKNOWN_INTEGRATION = "This integration does not exist or does not belong to your team."
OTHER_INTEGRATION = "Slack subscriptions require a Slack integration."
ONLY_SLACK = "Only Slack subscriptions have an integration."
NO_CHANNEL = (
    "Enter the id of the channel, and its name if you like, such as C0123ABC|#general. "
    "For the URL of an incoming webhook leave integration_id out."
)
CHANNEL = re.compile(r"([CG][A-Z0-9]{2,30})(?:\|#?([^|#\x00-\x1f\x7f]{1,80}))?")
NO_SLACK_URL = "Enter the URL of an incoming webhook of Slack, such as https://hooks.slack.com/services/..."


def addresses_of(text: str) -> list[str]:
    """Return the addresses of a list with commas, each once; raises Invalid for one that isn't an address."""
    found: dict[str, str] = {}
    for part in text.split(","):
        if address := part.strip():
            found.setdefault(check_email(address, attr=ATTR), normalized("NFC", address))
    if not found:
        raise blank(ATTR)
    if len(found) > MOST_ADDRESSES:
        raise too_long(MOST_ADDRESSES, ATTR, "addresses")
    return list(found.values())


def listed_addresses(target_value: str) -> list[str]:
    """Return the addresses of a list that was checked before."""
    return target_value.split(",") if target_value else []


def new_addresses(before: str, after: str) -> list[str]:
    """Return the addresses that are in a list now and were not, whatever the letters' case."""
    known = {normal_email(one) for one in listed_addresses(before)}
    return [one for one in listed_addresses(after) if normal_email(one) not in known]


def without_address(target_value: str, email: str) -> str:
    """Return the list without an address; the same text when it isn't there."""
    wanted = normal_email(email)
    return ",".join(one for one in listed_addresses(target_value) if normal_email(one) != wanted)


def has_address(target_value: str, email: str) -> bool:
    """Say whether a list has an address."""
    return without_address(target_value, email) != target_value


def check_wanted(target_value: str, unsubscribed: Collection[str]) -> None:
    """Raise Invalid where a subscription that comes back would mail somebody who has unsubscribed from it."""
    gone = ", ".join(one for one in unsubscribed if has_address(target_value, one))
    if gone:
        raise Invalid(f"Nobody is left: {gone} unsubscribed. Give another address.", attr=ATTR)


def check_slack_url(url: str, allowed: Collection[tuple[str, int]]) -> None:
    """Raise Invalid unless the URL is an incoming webhook of Slack, or of a host that the operator has allowed."""
    if not url.lower().startswith(("https://", "http://")):
        raise Invalid(NO_INTEGRATION, attr="integration_id")
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))
    except ValueError as error:
        raise Invalid(NO_SLACK_URL, attr=ATTR) from error
    is_slack = parts.scheme == "https" and host in SLACK_HOSTS
    if not is_slack and host not in allowed:
        raise Invalid(NO_SLACK_URL, attr=ATTR)


def checked_channel(text: str) -> str:
    """Return such as `C0123ABC|#general`, the name only where one was given; raises Invalid for what is no channel."""
    found = CHANNEL.fullmatch(text.strip())
    if found is None:
        raise Invalid(NO_CHANNEL, attr=ATTR)
    id, name = found.groups()
    return f"{id}|#{name.strip()}" if name and name.strip() else str(id)


def channel_id(target_value: str) -> str:
    """Return the id of a channel that was checked before."""
    return target_value.partition("|")[0]
