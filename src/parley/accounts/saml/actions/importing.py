"""The metadata of an identity provider, from its own address."""

import asyncio

from parley.accounts.saml.errors import SamlInvalid
from parley.accounts.saml.rules.documents import MOST_METADATA_BYTES
from parley.accounts.saml.rules.provider_metadata import ProviderMetadata, read_metadata
from parley.kernel.network.outbound import AddressRefused, CallFailed, Outbound, OutgoingRequest
from parley.kernel.services import Services

TIMEOUT_S = 10.0
INSTEAD = "Or choose the metadata as a file."


async def fetched_metadata(services: Services, url: str) -> ProviderMetadata:
    """Return what the metadata at a URL says; raises SamlInvalid. It waits for the network: not inside a transaction."""
    request = OutgoingRequest(url=url, method="GET", timeout_s=TIMEOUT_S, most_bytes=MOST_METADATA_BYTES)
    try:
        reply = await Outbound(services.settings.allowed_hosts_out).send(request)
    except AddressRefused as error:
        raise SamlInvalid(f"{error} {INSTEAD}", attr="metadata_url") from error
    except CallFailed as error:
        raise SamlInvalid(str(error), attr="metadata_url") from error
    if reply.status != 200:
        raise SamlInvalid(
            f"The address answered with status {reply.status}, not with metadata.", attr="metadata_url"
        )
    if reply.is_cut:
        raise SamlInvalid("What the address answered is too large for metadata.", attr="metadata_url")
    return await asyncio.to_thread(read_metadata, reply.body)
