"""Files that came with messages, fetched from Twilio."""

from urllib.parse import urlsplit

from parley.integrations.connections.schemas import Connected
from parley.integrations.twilio.rules import basic_auth, media_path
from parley.kernel.network.addresses import target_of
from parley.kernel.network.outbound import AddressRefused, CallFailed, Outbound, OutgoingRequest, Reply
from parley.kernel.services import Services

MOST_MEDIA_BYTES = 16 * 1024 * 1024
"""Twilio takes messages of 5 MB."""
TIMEOUT_S = 20.0
STORES = (".twiliocdn.com", ".amazonaws.com")
"""Where Twilio keeps files: it answers with a link there that works for a short while."""


async def fetched_media(services: Services, account: Connected, url: str) -> bytes | None:
    """Return the content of a file; None where there is none, or it is too large. Raises CallFailed, to be tried again.

    The credentials go to Twilio's API alone, and the content comes from there or from where Twilio keeps files.
    """
    path = media_path(url, account.integration_id)
    if path is None:
        return None
    base = services.settings.twilio_api_url
    own = target_of(base)
    allowed = services.settings.allowed_hosts_out | {(own.host, own.port)}
    headers = {
        "Authorization": basic_auth(account.integration_id, str(account.secrets.get("auth_token", "")))
    }
    async with Outbound(allowed).session() as session:
        try:
            reply = await session.send(_get(base + path, headers))
            if 300 <= reply.status < 400:
                location = reply.headers.get("location", "")
                if not is_store(location, base):
                    return None
                reply = await session.send(_get(location, {}))
        except AddressRefused:
            return None
    return _content(reply)


def _get(url: str, headers: dict[str, str]) -> OutgoingRequest:
    return OutgoingRequest(
        method="GET", url=url, headers=headers, timeout_s=TIMEOUT_S, most_bytes=MOST_MEDIA_BYTES
    )


def is_store(location: str, base_url: str) -> bool:
    """Say whether Twilio may lead there for a file: to one of its stores, or to the API itself."""
    to, own = urlsplit(location), urlsplit(base_url)
    if (to.scheme, to.netloc) == (own.scheme, own.netloc):
        return True
    host = to.hostname or ""
    return to.scheme == "https" and any(host.endswith(store) for store in STORES)


def _content(reply: Reply) -> bytes | None:
    if reply.status == 429 or reply.status >= 500:
        raise CallFailed(f"Twilio answered with status {reply.status}.")
    return reply.body if reply.status == 200 and not reply.is_cut else None
