"""How somebody with an address may come in: what the domain of the address says, the same whether anybody has it or not."""

from collections.abc import Sequence
from urllib.parse import urlencode

import msgspec

from parley.accounts.domains.enforcement import precheck
from parley.kernel.config.sign_in_providers import PROVIDERS
from parley.kernel.services import Services

SAML = "single sign-on"
CONFIRMING = "confirm"
"""In the query: the provider is to ask who somebody is, even if it knows them."""


class WayIn(msgspec.Struct, frozen=True):
    """A link of the sign-in page: with whom one goes on, and where."""

    label: str
    path: str


class WaysIn(msgspec.Struct, frozen=True):
    """The only way that a domain leaves its people, or those beside a password."""

    enforced: WayIn | None
    others: Sequence[WayIn]


def way_to(provider: str, email: str, next_path: str, *, confirming: bool = False) -> WayIn:
    """Return the way to a provider, named as `sso_enforcement` does."""
    known = PROVIDERS.get(provider)
    query = {name: value for name, value in (("email", email), ("next", next_path)) if value}
    query |= {CONFIRMING: "1"} if confirming else {}
    return WayIn(known.label if known else SAML, f"/login/{provider}/?{urlencode(query)}")


def ways_for_everybody(services: Services, next_path: str) -> WaysIn:
    """Return what a browser may choose whose address isn't known yet."""
    return WaysIn(None, [way_to(name, "", next_path) for name in services.settings.sign_in_providers])


async def ways_in(services: Services, email: str, next_path: str, *, confirming: bool = False) -> WaysIn:
    """Return how somebody with this address comes in, or proves once more who they are."""
    async with services.database.transaction(write=False) as db:
        found = await precheck(db, services, email)
    if found.sso_enforcement is not None:
        return WaysIn(way_to(found.sso_enforcement, email, next_path, confirming=confirming), [])
    names = ["saml"] if found.saml_available else []
    names += services.settings.sign_in_providers
    return WaysIn(None, [way_to(name, email, next_path, confirming=confirming) for name in names])
