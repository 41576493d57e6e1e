"""Domains of alice's organization, each with a name that no other test has."""

from uuid import UUID

import pytest
from sqlalchemy import update

from parley.accounts.domains.tables import organization_domain
from parley.kernel.ids import new_token
from parley.kernel.network.dns import DnsResolver
from tests.dns_server import dns_server

DOMAINS = "/api/organizations/@current/domains/"


@pytest.fixture
def name():
    return f"{new_token(length=12).lower()}.example"


@pytest.fixture
async def domain(alice, name):
    """A claim."""
    return (await alice.client.post(DOMAINS, json={"domain": name})).json()


@pytest.fixture
async def dns(services):
    """A DNS server with records of its own, which the application asks."""
    before = services.dns
    async with dns_server() as server:
        services.dns = DnsResolver(server.address)
        yield server
    services.dns = before


@pytest.fixture
def store(database):
    """Store values of a domain straight in the table, such as what needs days or another feature to come about."""

    async def stored(domain, **values):
        async with database.transaction() as db:
            mine = organization_domain.c.id == UUID(domain["id"])
            await db.execute(update(organization_domain).where(mine).values(**values))
        return domain

    return stored


@pytest.fixture
async def verified(domain, store, clock):
    """The same, verified now, without asking the DNS."""
    now = clock.now()
    return await store(domain, verified_at=now, last_verification_retry=now)


SAML = {"saml_entity_id": "https://idp/e", "saml_acs_url": "https://idp/sso", "saml_x509_cert": "MII"}
