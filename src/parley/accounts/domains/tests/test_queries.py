"""Which domain an address belongs to."""

import pytest
from sqlalchemy import insert

from parley.accounts.domains.queries import domain_by_id, verified_domain_of, verified_domains
from parley.accounts.domains.tables import organization_domain
from parley.kernel.ids import new_uuid


@pytest.fixture
async def claim(database, services, cast):
    """Store a domain of alice's organization, with a name of its own for each test, and return its id."""

    async def stored(domain, **given):
        made = {
            "id": new_uuid(),
            "organization_id": cast.alice.organization_id,
            "domain": domain,
            "verification_challenge": "x",
            "created_at": services.clock.now(),
        }
        async with database.transaction() as db:
            await db.execute(insert(organization_domain).values(**made | given))
        return made["id"]

    return stored


async def test_only_a_verified_domain_counts_and_only_exactly_this_one(claim, database, services, cast):
    name = f"{str(cast.alice.organization_id)[-12:]}.de"
    await claim(f"claimed-{name}")
    proven = await claim(f"xn--bcher-kva.{name}", verified_at=services.clock.now())
    async with database.transaction(write=False) as db:
        for email in (f"a@bücher.{name}", f"A@BÜCHER.{name.upper()}", f"a@XN--BCHER-KVA.{name}"):
            found = await verified_domain_of(db, email)
            assert found is not None and found.id == proven
        for email in (
            f"a@claimed-{name}",
            f"a@x.bücher.{name}",
            f"a@{name}",
            "",
            "a@",
            f"bücher.{name}@x.de",
        ):
            assert await verified_domain_of(db, email) is None
        assert f"xn--bcher-kva.{name}" in await verified_domains(db, cast.alice.organization_id)
        assert f"claimed-{name}" not in await verified_domains(db, cast.alice.organization_id)
        assert await domain_by_id(db, new_uuid()) is None


async def test_saml_and_scim_are_there_when_all_that_they_need_is(claim, database):
    bare = await claim(f"{new_uuid()}.test")
    full = await claim(
        f"{new_uuid()}.test",
        saml_entity_id="x",
        saml_acs_url="x",
        saml_x509_cert="x",
        scim_enabled=True,
        scim_token_hash="x",
    )
    async with database.transaction(write=False) as db:
        for domain_id, expected in ((bare, False), (full, True)):
            found = await domain_by_id(db, domain_id)
            assert found is not None
            assert (found.has_saml, found.has_scim, found.is_verified) == (expected, expected, False)
