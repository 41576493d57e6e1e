"""Two organizations, each with a verified domain whose token an identity provider has."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import httpx
import pytest_asyncio
from sqlalchemy import insert

from parley.accounts.domains.tables import organization_domain
from parley.kernel.ids import new_token, new_uuid, token_hash
from parley.kernel.services import Services
from tests.cast import Cast


@dataclass
class Provider:
    """An identity provider: its domain, and a client with the domain's token."""

    domain_id: UUID
    domain: str
    token: str
    client: httpx.AsyncClient

    @property
    def base(self) -> str:
        return f"/scim/v2/{self.domain_id}"

    def person(self, who: str, /, **fields: Any) -> dict[str, Any]:
        """Return the body that makes somebody of this domain."""
        address = f"{who}@{self.domain}"
        return {
            "userName": address,
            "name": {"givenName": who.capitalize(), "familyName": "Lovelace"},
            "emails": [{"value": address, "primary": True, "type": "work"}],
            **fields,
        }

    async def make(self, who: str, /, **fields: Any) -> dict[str, Any]:
        """Provision somebody and return the resource."""
        answer = await self.client.post(f"{self.base}/Users", json=self.person(who, **fields))
        assert answer.status_code == 201, answer.text
        found: dict[str, Any] = answer.json()
        return found


async def make_provider(cast: Cast, services: Services, organization_id: UUID) -> Provider:
    """Give an organization a verified domain with a token."""
    domain_id, token, domain = new_uuid(), new_token(), f"{new_token(length=12).lower()}.test"
    row = {
        "id": domain_id,
        "organization_id": organization_id,
        "domain": domain,
        "verification_challenge": new_token(),
        "verified_at": datetime.now(UTC),
        "scim_enabled": True,
        "scim_token_hash": token_hash(token),
        "created_at": datetime.now(UTC),
    }
    async with services.database.transaction() as db:
        await db.execute(insert(organization_domain), row)
    return Provider(domain_id, domain, token, cast.client(authorization=f"Bearer {token}"))


@pytest_asyncio.fixture
async def acme(cast: Cast, services: Services) -> AsyncIterator[Provider]:
    """The provider of alice's organization."""
    yield await make_provider(cast, services, cast.alice.organization_id)


@pytest_asyncio.fixture
async def other(cast: Cast, services: Services) -> AsyncIterator[Provider]:
    """The provider of mallory's organization."""
    yield await make_provider(cast, services, cast.mallory.organization_id)
