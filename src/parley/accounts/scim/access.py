"""Who may use the endpoint of a domain: whoever has its bearer token, while the domain is verified."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary

from litestar.handlers import BaseRouteHandler

from parley.accounts.domains.queries import Domain, domain_by_id, domain_outside
from parley.accounts.organizations.queries import hold_organization
from parley.accounts.scim_messages.errors import ScimTokenMissing, ScimTokenRefused
from parley.kernel.database.transaction import Db
from parley.kernel.errors import Unavailable
from parley.kernel.http.authorization import Connection
from parley.kernel.http.origin import KEY_OF_REQUEST
from parley.kernel.ids import same_token, token_hash, uuid_or_none
from parley.kernel.network.addresses import network_of
from parley.kernel.services import Services
from parley.kernel.throttle import MINUTE_S, Limit, SlotLimit

PER_DOMAIN = Limit("scim", 6000, MINUTE_S)
"""A first synchronisation of 10,000 people must not take an hour."""
WRONG_TOKENS = Limit("scim-wrong-tokens", 60, MINUTE_S)
"""For each network."""
AT_ONCE = SlotLimit("scim-at-once", 200)
"""How many requests of one organization may wait or be done; each keeps its body in memory."""
LONGEST_WAIT_S = 10.0
TOO_MANY = "Other requests of this organization are not done yet. Please try again."

_turns: WeakValueDictionary[tuple[UUID, bool], asyncio.Lock] = WeakValueDictionary()


async def _scim_token(connection: Connection, _: BaseRouteHandler) -> None:
    """Let in whoever has the token; whether the domain or the token is wrong, nobody is told."""
    scheme, _space, token = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise ScimTokenMissing(headers={"WWW-Authenticate": "Bearer"})
    services: Services = connection.app.state.services
    domain = await _domain(services, str(connection.path_params["domain_id"]), token.strip())
    if domain is None:
        if services.settings.limits_public:
            client = connection.scope.get("client")
            await services.throttles.hit((WRONG_TOKENS, network_of(client[0] if client else "")))
        raise ScimTokenRefused
    if services.settings.limits_keys:
        await services.throttles.hit((PER_DOMAIN, str(domain.id)))
    connection.scope["state"]["scim_domain"] = domain
    connection.scope["state"][KEY_OF_REQUEST] = (str(domain.id), f"SCIM token of {domain.domain}")


async def _domain(services: Services, text: str, token: str) -> Domain | None:
    domain_id = uuid_or_none(text)
    if domain_id is None:
        return None
    found = await domain_outside(services.database, domain_id)
    if found is None or not found.has_scim or not found.is_verified:
        return None
    return found if same_token(token_hash(token), found.scim_token_hash or "") else None


@asynccontextmanager
async def turn_in_process(services: Services, domain: Domain, *, is_change: bool) -> AsyncIterator[None]:
    """Wait until this process does no other change of the organization, or reads nothing else for it.

    Enter it before a transaction is opened: with a connection each, they would soon leave none to other organizations.
    Raises Throttled where very many wait, and Unavailable for who has waited long.
    """
    turn = _turns.setdefault((domain.organization_id, is_change), asyncio.Lock())
    with services.slots.taken((AT_ONCE, str(domain.organization_id))):
        try:
            async with asyncio.timeout(LONGEST_WAIT_S):
                await turn.acquire()
        except TimeoutError as error:
            raise Unavailable(TOO_MANY) from error
        try:
            yield
        finally:
            turn.release()


async def take_turn(db: Db, domain: Domain) -> None:
    """Let changes by the identity providers of one organization follow each other, to the end of the transaction.

    A change is made of what was read before: side by side, one would undo the other. Raises ScimTokenRefused where the token
    has ended since the guard has seen it. SQLite has one writer anyway.
    """
    await hold_organization(db, domain.organization_id)
    now = await domain_by_id(db, domain.id)
    if now is None or not now.is_verified or now.scim_token_hash != domain.scim_token_hash:
        raise ScimTokenRefused


def domain_of_request(connection: Connection) -> Domain:
    """Return the domain whose token the guard has seen."""
    found: Domain = connection.scope["state"]["scim_domain"]
    return found


scim_token = _scim_token
scim_token.admits = "scimToken"  # type: ignore[attr-defined]  # read by the generated page of routes
