"""A connection lives on when the secret key of the server is changed, and the old one is thrown away."""

from dataclasses import dataclass
from datetime import timedelta

import pytest
import pytest_asyncio
from msgspec.structs import replace

from parley.integrations.connections.errors import CredentialsRejected
from parley.integrations.linkedin_ads.reading import elements_of, linkedin_account
from parley.integrations.linkedin_ads.rules import accounts_path
from parley.integrations.linkedin_ads.tests.fake_linkedin import SETTINGS, LinkedInWorld, linkedin_world
from parley.kernel.config.settings import Settings
from parley.kernel.migrations.runner import upgrade
from parley.kernel.services import open_services
from tests.forked_program import run
from tests.parley_server import migrated_postgres_url

OLD, NEW = "the key before which is long enough", "the present key which is long as well"
HALF = timedelta(days=30, seconds=1)


@dataclass
class Rotated:
    """A server with an account at LinkedIn, and the environment in which `parley rotate-key` is run for it."""

    world: LinkedInWorld
    id: int
    settings: Settings
    environment: dict[str, str]

    async def read(self, clock, secret_key):
        """Have a server that knows this one key read the advertising accounts; return their ids."""
        services = open_services(replace(self.settings, secret_key=secret_key, **SETTINGS), clock)
        try:
            one = await linkedin_account(services, self.world.cast.alice.project_id, str(self.id))
            return [account.id for account in await elements_of(services, one, accounts_path)]
        finally:
            await services.cache.close()
            await services.database.close()


@pytest_asyncio.fixture(params=["sqlite", "postgresql"])
async def rotated(request, tmp_path, clock):
    environment = {
        "PARLEY_DATA_DIR": str(tmp_path), "PARLEY_SECRET_KEY": OLD, "PARLEY_SITE_URL": "http://parley.test",
    }  # fmt: skip
    if request.param == "postgresql":
        environment["PARLEY_DATABASE_URL"] = migrated_postgres_url()
    settings = Settings.from_env(environment)
    await upgrade(settings)
    async with linkedin_world(settings, clock) as world:
        world.fake.rotates = True
        yield Rotated(world, await world.connect(), settings, environment)


async def test_tokens_that_were_sealed_with_the_old_key_are_used_and_renewed_with_the_new_one_alone(
    rotated, clock
):
    fake = rotated.world.fake
    everything = [one["id"] for one in fake.accounts]
    [before] = fake.good_tokens
    with pytest.raises(CredentialsRejected):
        await rotated.read(clock, NEW)  # not yet
    keys = {"PARLEY_SECRET_KEY": NEW, "PARLEY_OLD_SECRET_KEYS": OLD}
    code, _, complained = run("rotate-key", settings=rotated.environment | keys)
    assert code == 0, complained
    assert await rotated.read(clock, NEW) == everything
    assert fake.received[-1].headers["authorization"] == f"Bearer {before}"
    clock.advance(HALF)
    fake.good_tokens.discard(before)
    assert await rotated.read(clock, NEW) == everything
    assert fake.received[-1].headers["authorization"] != f"Bearer {before}"
    with pytest.raises(CredentialsRejected):
        await rotated.read(clock, OLD)
