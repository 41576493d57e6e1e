"""The URLs at which Twilio reaches this server."""

import ipaddress
from urllib.parse import urlsplit
from uuid import UUID

from parley.integrations.sms import INBOUND_PATH, STATUS_PATH

MESSAGE = "message"
"""The parameter that names the message which a report is about, also where an attempt has ended in a crash."""


def inbound_url(site_url: str) -> str:
    """Return where Twilio posts messages."""
    return site_url + INBOUND_PATH


def callback_url(site_url: str, message_id: UUID) -> str | None:
    """Return where Twilio reports what becomes of a message; None where it can't reach this server."""
    return f"{site_url}{STATUS_PATH}?{MESSAGE}={message_id}" if is_reachable(site_url) else None


def is_reachable(site_url: str) -> bool:
    """Say whether a service on the internet may reach a server under this URL, as far as the URL tells."""
    host = urlsplit(site_url).hostname or ""
    if (
        host == "localhost"
        or host.endswith((".localhost", ".local"))
        or ("." not in host and ":" not in host)
    ):
        return False
    try:
        return ipaddress.ip_address(host).is_global
    except ValueError:
        return True
